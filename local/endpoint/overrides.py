"""Overrides for a working copy of the Terraform: what an emulator lacks, and where the state lies."""

import json
from collections.abc import Iterable
from pathlib import Path

from local.endpoint.emulators import Lack
from local.endpoint.kept import STATE


def write(copy: Path, lacks: Iterable[Lack]) -> None:
    """One file for each, which Terraform merges over the blocks of its folder; by its name, as the last."""
    for number, lack in enumerate(lacks):
        file = copy / lack.folder / f"z{number}_lack_override.tf.json"
        file.write_text(json.dumps(dict(lack.override)), encoding="utf-8")


def keep_state(copy: Path) -> None:
    """The state lies beside the working copy, and so is there while the copy is made afresh.

    https://developer.hashicorp.com/terraform/language/backend/local
    """
    backend = {"terraform": {"backend": {"local": {"path": f"../{STATE}"}}}}
    (copy / "z_state_override.tf.json").write_text(json.dumps(backend), encoding="utf-8")
