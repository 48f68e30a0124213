"""The one runtime that the package is made for, and the one Python that compiles for it.

Python 3.13 on arm64, which Lambda runs on Amazon Linux 2023 (glibc 2.34):
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html

Compiled files are Python's own output, and releases of 3.13 differ in it (3.13.0 and 3.13.5 in 224 of 1,377
modules). So the release is pinned as the libraries are; Lambda's 3.13 loads what any 3.13 has compiled
(PEP 3147). The Python that runs the build may be any that is supported.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

RUNTIME: Final = "python3.13"
ARCHITECTURE: Final = "arm64"
RELEASE: Final = "3.13.0"
"""The release of CPython that compiles. It runs nothing else, and another release gives another package."""

PLATFORMS: Final = (*(f"manylinux_2_{minor}_aarch64" for minor in range(34, 16, -1)), "manylinux2014_aarch64")
"""The wheels that run there, the best first: https://peps.python.org/pep-0600/"""

_TELL: Final = """
import json, platform, sys
print(json.dumps([sys.executable, platform.python_implementation(), platform.python_version(), sys.abiflags]))
"""


class MissingInterpreterError(Exception):
    """The pinned Python is not on this machine."""

    def __init__(self, release: str) -> None:
        super().__init__(
            f"The package for AWS is compiled by CPython {release} and no other release, so that a commit "
            f"gives the same bytes everywhere: get it with `uv python install {release}` or "
            f"`pyenv install {release}`, or put its {RUNTIME} on the PATH."
        )


def pinned(release: str = RELEASE) -> str:
    """The path of the pinned Python, wherever on this machine it is. Raises `MissingInterpreterError`."""
    for candidate in _candidates(release):
        told = _told(candidate)
        if told and told[1:] == ["CPython", release, ""]:
            return str(told[0])
    raise MissingInterpreterError(release)


def _candidates(release: str) -> Iterator[str]:
    """This very Python, each on the PATH, and what pyenv and uv have installed without putting it there."""
    yield sys.executable
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        yield str(Path(folder, RUNTIME))
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv")
    yield str(pyenv / "versions" / release / "bin" / RUNTIME)
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv/python")
    yield from (str(found) for found in sorted(uv.glob(f"cpython-{release}-*/bin/{RUNTIME}")))


def _told(python: str) -> list[Any] | None:
    """Path, implementation, release and kind of build; None where there is no Python that starts."""
    if not os.access(python, os.X_OK):
        return None
    try:
        asked = subprocess.run(
            [python, "-I", "-S", "-c", _TELL], capture_output=True, text=True, timeout=30, check=True
        )
        return list(json.loads(asked.stdout))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
