"""An environment for each Python, from the same pins as `.venv`."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from local.output import say

_PINS: Final = (
    "requirements.txt",
    "requirements.lock",
    "requirements-dev.txt",
    "clients/python/pyproject.toml",
)
_PIP: Final = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


class Environment:
    """The environment of one Python in `.venv-pythons` of a checkout, named by its version."""

    def __init__(
        self, checkout: Path, version: str, interpreter: Path, lender: Path = Path(sys.executable)
    ) -> None:
        """`lender` is a Python whose pip serves one that brings none."""
        self._checkout, self._interpreter, self._lender = checkout, interpreter, lender
        self._folder = checkout / ".venv-pythons" / version

    @property
    def python(self) -> Path:
        """What runs in it."""
        return self._folder / "bin" / "python"

    def make(self) -> None:
        """Makes it, unless it is there and still what the pins ask for.

        Raises `CalledProcessError`; then it has no mark, and the next time starts over.
        """
        if self._is_ready():
            return
        shutil.rmtree(self._folder, ignore_errors=True)
        self._make_empty()
        self._run(self.python, *_PIP, "--no-deps", "--require-hashes", "-r", "requirements.lock")
        self._run(self.python, *_PIP, "-r", "requirements-dev.txt")
        self._ready.write_text(self._mark())

    def _make_empty(self) -> None:
        """With pip alone: its own, or one that another Python's pip installs.

        Debian and its like take `ensurepip` out of the standard library and into a package of its own:
        https://packages.debian.org/trixie/python3-venv
        """
        try:
            self._run(self._interpreter, "-m", "venv", str(self._folder))
        except subprocess.CalledProcessError:
            say(f"that Python brings no pip (on Debian, python3-venv has it): lent by {self._lender}")
            self._run(self._interpreter, "-m", "venv", "--clear", "--without-pip", str(self._folder))
            # https://pip.pypa.io/en/stable/cli/pip/#cmdoption-python
            self._run(self._lender, "-m", "pip", "--python", str(self.python), *_PIP[2:], "pip")

    @property
    def _ready(self) -> Path:
        return self._folder / ".ready"

    def _is_ready(self) -> bool:
        return self._ready.is_file() and self._ready.read_text() == self._mark()

    def _mark(self) -> str:
        """What it is made from: the checkout, the interpreter, and the content of the pins."""
        pins = hashlib.sha256(b"\0".join((self._checkout / name).read_bytes() for name in _PINS))
        return f"{self._checkout} {self._interpreter.resolve()} {pins.hexdigest()}\n"

    def _run(self, python: Path, *arguments: str) -> None:
        subprocess.run([str(python), *arguments], cwd=self._checkout, check=True)
