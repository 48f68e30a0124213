"""What the packages of the module `bulk` have in common: from a lock to a zip, and a command line for it."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from fixed import UMASK
from interpreter import MissingInterpreterError, pinned
from libraries import ClashError, libraries
from slim import compiled
from zipped import zipped

ROOT: Final = Path(__file__).resolve().parents[2]
MODULE: Final = ROOT / "terraform" / "modules" / "bulk"
Choose = Callable[[Mapping[str, bytes]], dict[str, bytes]]
"""The files of a package, given those of all locked libraries."""


def pack(choose: Choose, lock: Path, stage: str, out: Path, *, compile_for_start: bool) -> None:
    """Writes the zip.

    Raises `MissingInterpreterError`, `ClashError` or `CalledProcessError`; then nothing was written.
    """
    python = (pinned() if stage == "aws" else sys.executable) if compile_for_start else None
    os.umask(UMASK)
    with tempfile.TemporaryDirectory() as scratch:
        wheels = Path(scratch, "wheels")
        wheels.mkdir()
        made = choose(libraries(lock, stage, wheels))
        made |= compiled(made, python, Path(scratch)) if python else {}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(zipped(made))


def run(about: str | None, choose: Choose, lock: Path, name: str) -> None:
    """The command line of a package."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--stage", default="aws", choices=("aws", "host"), help="as in build.py")
    parser.add_argument("--out", type=Path, default=MODULE, help="folder to write to (default: the module)")
    parser.add_argument("--uncompiled", action="store_true", help="as in build.py")
    chosen = parser.parse_args()
    try:
        pack(choose, lock, chosen.stage, chosen.out / name, compile_for_start=not chosen.uncompiled)
    except (MissingInterpreterError, ClashError) as problem:
        sys.exit(str(problem))
    except subprocess.CalledProcessError as failed:
        step = " ".join(map(str, failed.cmd[:5]))
        sys.exit(f"`{step} ...` failed ({failed.returncode}); what it said stands above.")
