"""The supported Pythons, and where on this machine they are."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

SUPPORTED: Final = ("3.11", "3.12", "3.13", "3.14")
"""As `requires-python` in pyproject.toml has them."""

_IDENTITY: Final = """
import json, platform, sys
print(json.dumps([platform.python_implementation(), platform.python_version(), sys.abiflags]))
"""


def interpreter(version: str, environment: Mapping[str, str]) -> Path | None:
    """The first CPython of a version such as `3.12`: on the PATH, in pyenv, in uv, or this very one.

    Free-threaded builds, which need other wheels, are passed over. None where there is no such Python.
    """
    for candidate in _candidates(version, environment):
        implementation, release, flags = _identity(candidate)
        if (implementation, release.rpartition(".")[0], flags) == ("CPython", version, ""):
            return candidate
    return None


def _candidates(version: str, environment: Mapping[str, str]) -> Iterator[Path]:
    name = f"python{version}"
    for folder in environment.get("PATH", os.defpath).split(os.pathsep):
        yield Path(folder or ".", name).absolute()
    home = Path(environment.get("HOME") or Path.home())
    pyenv = Path(environment.get("PYENV_ROOT") or home / ".pyenv")
    yield from _newest_first(pyenv / "versions", f"{version}.*/bin/{name}")
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local/share")
    uv = Path(environment.get("UV_PYTHON_INSTALL_DIR") or data / "uv/python")
    yield from _newest_first(uv, f"cpython-{version}.*/bin/{name}")
    yield Path(sys.executable)


def _newest_first(folder: Path, pattern: str) -> list[Path]:
    """By the last number of the release, which stands in the name of the folder's entry."""

    def micro(found: Path) -> int:
        digits = found.relative_to(folder).parts[0].split(".")[2].split("-")[0].split("+")[0]
        return int(digits) if digits.isdecimal() else -1

    return sorted(folder.glob(pattern), key=micro, reverse=True)


def _identity(python: Path) -> tuple[str, str, str]:
    """Implementation, release and kind of build; empty where there is no Python that starts."""
    if not os.access(python, os.X_OK):
        return "", "", ""
    command = [str(python), "-I", "-S", "-c", _IDENTITY]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
        implementation, release, flags = json.loads(answer)
    except (OSError, subprocess.SubprocessError, ValueError):
        return "", "", ""
    return implementation, release, flags
