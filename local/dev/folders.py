"""Where `tokenvault-dev` keeps what it serves with, for each port."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

PROGRAM: Final = "tokenvault-dev"


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where a user's programs keep what is no data: https://specifications.freedesktop.org/basedir-spec/"""
    base = environment.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser() / PROGRAM
