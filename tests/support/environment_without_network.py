"""`python3 -m venv tools`, and its pip, without a network: what is asked for is looked up, and not installed.

The environment gets commands that are on the PATH already, once pip was asked for a folder with extras whose
project offers them.
"""

import shutil
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

PROVIDED = ("python", "tokenvault")


def main(arguments: Sequence[str]) -> None:
    """Command line. Raises `SystemExit` for what is not there."""
    match arguments:
        case ["-m", "venv", folder]:
            _make(Path(folder) / "bin")
        case ["pip", "install", wanted]:
            _look_up(wanted)
        case _:
            raise SystemExit(f"not known here: {arguments}")


def _make(bin_folder: Path) -> None:
    bin_folder.mkdir(parents=True)
    pip = bin_folder / "pip"
    pip.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {__spec__.name} pip "$@"\n')
    pip.chmod(0o755)


def _look_up(wanted: str) -> None:
    folder, _, extras = wanted.removesuffix("]").partition("[")
    project = tomllib.loads((Path(folder) / "pyproject.toml").read_text())["project"]
    missing = set(extras.split(",")) - set(project["optional-dependencies"])
    if missing or "tokenvault" not in project["scripts"]:
        raise SystemExit(f"{folder} has not what is wanted: {missing}")
    bin_folder = Path("tools/bin")
    for name in PROVIDED:
        (bin_folder / name).symlink_to(str(shutil.which(name)))


if __name__ == "__main__":
    main(sys.argv[1:])
