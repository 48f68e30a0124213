"""Packages what `terraform/modules/bulk` runs of its own: `bulklib`, and the client's reading and writing.

Apart from the service's package, which does not grow by it, and without any of its code. The libraries are
boto3 and what that needs, of the same lock and by the same steps as in `build.py`, so the zip is the same
bytes on any machine. pyarrow is no part of it: it comes as a layer, where Parquet is wanted.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from fixed import UMASK  # noqa: E402  # after the path is set
from interpreter import MissingInterpreterError, pinned  # noqa: E402  # likewise
from libraries import ClashError, libraries  # noqa: E402  # likewise
from slim import compiled, slim  # noqa: E402  # likewise
from zipped import zipped  # noqa: E402  # likewise

MODULE: Final = ROOT / "terraform" / "modules" / "bulk"
SOURCES: Final = {
    "bulklib": ROOT / "bulklib",
    "tokenvault_client": ROOT / "clients/python/src/tokenvault_client",
}
SERVICES: Final = ("lambda", "s3")
"""The AWS services that the functions call."""

LIBRARIES: Final = (
    "boto3",
    "botocore",
    "s3transfer",
    "jmespath",
    "dateutil",
    "python_dateutil",
    "urllib3",
    "six",
)
"""boto3, and what it needs, by the names of their folders."""


def files(unpacked: Mapping[str, bytes]) -> dict[str, bytes]:
    """The package's files, given those of all locked libraries."""
    ours = {
        f"{name}/{file.relative_to(folder).as_posix()}": file.read_bytes()
        for name, folder in SOURCES.items()
        for file in folder.rglob("*.py")
    }
    needed = {name: content for name, content in unpacked.items() if _is_needed(name)}
    return slim(ours | needed, SERVICES)


def build(stage: str, out: Path, compile_for_start: bool = True) -> None:
    """Writes `bulk.zip` into a folder.

    Raises `MissingInterpreterError`, `ClashError` or `CalledProcessError`; then nothing was written.
    """
    python = (pinned() if stage == "aws" else sys.executable) if compile_for_start else None
    os.umask(UMASK)
    with tempfile.TemporaryDirectory() as scratch:
        wheels = Path(scratch, "wheels")
        wheels.mkdir()
        made = files(libraries(ROOT / "requirements.lock", stage, wheels))
        made |= compiled(made, python, Path(scratch)) if python else {}
    out.mkdir(parents=True, exist_ok=True)
    (out / "bulk.zip").write_bytes(zipped(made))


def _is_needed(name: str) -> bool:
    top = name.partition("/")[0].removesuffix(".py")
    return top in LIBRARIES or any(top.startswith(f"{library}-") for library in LIBRARIES)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", default="aws", choices=("aws", "host"), help="as in build.py")
    parser.add_argument("--out", type=Path, default=MODULE, help="folder to write to (default: the module)")
    parser.add_argument("--uncompiled", action="store_true", help="as in build.py")
    chosen = parser.parse_args()
    try:
        build(chosen.stage, chosen.out, not chosen.uncompiled)
    except (MissingInterpreterError, ClashError) as problem:
        sys.exit(str(problem))
    except subprocess.CalledProcessError as failed:
        step = " ".join(map(str, failed.cmd[:5]))
        sys.exit(f"`{step} ...` failed ({failed.returncode}); what it said stands above.")


if __name__ == "__main__":
    main()
