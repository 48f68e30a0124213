"""The libraries of the package: the wheels that `requirements.lock` names by hash, unpacked.

pip fetches and checks them; nothing is resolved, built or run. Unpacking is ours, since what pip installs
differs from release to release:
https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fixed import pip_environment, run
from interpreter import PLATFORMS, RUNTIME

_FIXED: Final = (
    "--quiet",
    "--disable-pip-version-check",
    "--no-deps",
    "--require-hashes",
    "--only-binary=:all:",
)
_OF_LAMBDA: Final = (
    f"--python-version={RUNTIME.removeprefix('python')}",
    "--implementation=cp",
    f"--abi={RUNTIME.replace('python3.', 'cp3')}",
    *(f"--platform={platform}" for platform in PLATFORMS),
)
"""Whatever the Python that runs pip: https://pip.pypa.io/en/stable/cli/pip_download/"""

_CHALICE: Final = ("chalice/__init__.py", "chalice/app.py")
"""All of Chalice that a function runs, and all that Chalice's own packager takes."""


class ClashError(Exception):
    """Two libraries hold the same file, so which of them counts would be chance."""


def libraries(lock: Path, stage: str, scratch: Path) -> dict[str, bytes]:
    """The files of all locked libraries by path. Raises `CalledProcessError` or `ClashError`."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "pip",
        "download",
        *_FIXED,
        *(_OF_LAMBDA if stage == "aws" else ()),
    ]
    run([*command, "--dest", scratch, "--requirement", lock], cwd=scratch, environment=pip_environment())
    files: dict[str, bytes] = {}
    for wheel in sorted(scratch.glob("*.whl")):
        for name, content in _unpacked(wheel):
            if files.setdefault(name, content) != content:
                raise ClashError(f"{wheel.name} holds another {name} than a library before it")
    return files


def _unpacked(wheel: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            placed = _placed(name)
            if placed and (not wheel.name.startswith("chalice-") or placed in _CHALICE):
                yield placed, packed.read(name)


def _placed(name: str) -> str | None:
    """Where a file of a wheel lies in the package; None for folders, and for scripts and data."""
    top, _, rest = name.partition("/")
    if name.endswith("/"):
        return None
    if not top.endswith(".data"):
        return name
    kind, _, path = rest.partition("/")
    return path if kind in ("purelib", "platlib") else None
