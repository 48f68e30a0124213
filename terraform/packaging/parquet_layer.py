"""Packages pyarrow as a layer for the module `bulk`, where files of Parquet are imported.

The wheel is that of `parquet.lock`, by hash, and the zip the same bytes on any machine, as with the packages
of the functions. A wheel of pyarrow has 156 MB, most of which reads no Parquet (Flight, S3, Substrait's own
uses, headers, tests, and each library under three names, since wheels hold no links); a function and its
layers may have 250 MB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from packing import run  # noqa: E402  # after the path is set

LIBRARIES: Final = (
    "libarrow",
    "libarrow_acero",
    "libarrow_compute",
    "libarrow_dataset",
    "libarrow_python",
    "libarrow_substrait",
    "libparquet",
)
"""What the extensions below are linked to, each by the one name that they ask for."""

EXTENSIONS: Final = ("lib", "_compute", "_fs", "_parquet")
"""What `pyarrow.parquet` imports."""

_OF_LAYERS: Final = "python/"
"""Where Lambda looks for Python's modules of a layer:
https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html"""

_LIBRARY: Final = re.compile(r"pyarrow/(\w+)\.so\.\d+")
_EXTENSION: Final = re.compile(r"pyarrow/(\w+)\.cpython-[\w-]+\.so")
_UNREAD: Final = tuple(
    f"pyarrow/{folder}/" for folder in ("tests", "include", "src", "vendored", "interchange")
)


def files(unpacked: Mapping[str, bytes]) -> dict[str, bytes]:
    """The layer's files, given those of the wheel."""
    return {f"{_OF_LAYERS}{name}": content for name, content in unpacked.items() if _is_needed(name)}


def _is_needed(name: str) -> bool:
    if ".dist-info/" in name:
        return not name.endswith("/RECORD")
    if found := _LIBRARY.fullmatch(name):
        return found[1] in LIBRARIES
    if found := _EXTENSION.fullmatch(name):
        return found[1] in EXTENSIONS
    return name.startswith("pyarrow/") and name.endswith(".py") and not name.startswith(_UNREAD)


if __name__ == "__main__":
    run(__doc__, files, Path(__file__).with_name("parquet.lock"), "parquet-layer.zip")
