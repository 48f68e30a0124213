"""What an emulator lacks, written into a working copy of the Terraform as files of overrides."""

import json
from collections.abc import Iterable
from pathlib import Path

from local.endpoint.emulators import Lack


def write(copy: Path, lacks: Iterable[Lack]) -> None:
    """One file for each, which Terraform merges over the blocks of its folder; by its name, as the last."""
    for number, lack in enumerate(lacks):
        file = copy / lack.folder / f"z{number}_lack_override.tf.json"
        file.write_text(json.dumps(dict(lack.override)), encoding="utf-8")
