"""Small interpreters that say which Python they are, and what was asked of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

INTERPRETER = """#!/bin/sh
# A Python as far as these commands look: what it is, `-m venv`, pip and pytest.
case "$*" in
  *abiflags*) echo '["{implementation}", "{release}", "{flags}"]' ;;
  "-m venv --clear --without-pip "*) mkdir -p "$5/bin" && ln -s "$0" "$5/bin/python" ;;
  "-m venv "*) {ensurepip} && mkdir -p "$3/bin" && ln -s "$0" "$3/bin/python" ;;
  "-m pip "*) echo "pip $*" >> "{asked}"; {pip} ;;
  "-m pytest "*) echo "pytest $*" >> "{asked}"; exit {status} ;;
  *) exit 64 ;;
esac
"""

Maker = Callable[..., Path]
"""Writes an interpreter: its release, then its folder, and what is unusual in it."""


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    """What the interpreters were asked, a line each."""
    file = tmp_path / "asked"
    file.touch()
    return file


@pytest.fixture
def make(asked: Path) -> Maker:
    """Writes `python3.N` into a folder."""

    def make(release: str, folder: Path, **unusual: object) -> Path:
        usual = {"implementation": "CPython", "flags": "", "status": 0, "pip": ":", "ensurepip": ":"}
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"python{release.rpartition('.')[0]}"
        file.write_text(INTERPRETER.format(release=release, asked=asked, **{**usual, **unusual}))
        file.chmod(0o755)
        return file

    return make
