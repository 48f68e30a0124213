"""Packages what `terraform/modules/bulk` runs of its own: `bulklib`, and the client's reading and writing.

Apart from the service's package, which does not grow by it, and without any of its code. The libraries are
boto3 and what that needs, of the same lock and by the same steps as in `build.py`, so the zip is the same
bytes on any machine. pyarrow is no part of it: it comes as a layer, where Parquet is wanted
(`parquet_layer.py`).
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from packing import run  # noqa: E402  # after the path is set
from slim import slim  # noqa: E402  # likewise

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


def _is_needed(name: str) -> bool:
    top = name.partition("/")[0].removesuffix(".py")
    return top in LIBRARIES or any(top.startswith(f"{library}-") for library in LIBRARIES)


if __name__ == "__main__":
    run(__doc__, files, ROOT / "requirements.lock", "bulk.zip")
