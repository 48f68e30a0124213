"""The deployment package for this machine: made, unpacked, and weighed by dependency."""

import re
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
LARGEST: Final = 8
"""Dependencies that are listed by name."""


def built(scratch: Path) -> Path:
    """The zip, and beside it the folder `unzipped`."""
    command = [sys.executable, str(ROOT / "terraform/packaging/build.py"), "--stage", "host", "--out"]
    subprocess.run([*command, str(scratch)], check=True)
    package = scratch / "deployment.zip"
    zipfile.ZipFile(package).extractall(scratch / "unzipped")
    return package


def sizes(package: Path) -> dict[str, Any]:
    """Bytes zipped and unzipped, in all and of the largest dependencies."""
    zipped: Counter[str] = Counter()
    unzipped: Counter[str] = Counter()
    for entry in zipfile.ZipFile(package).infolist():
        part = _part(entry.filename)
        zipped[part] += entry.compress_size
        unzipped[part] += entry.file_size
    largest = [name for name, _ in zipped.most_common(LARGEST)]
    return {
        "zip_bytes": package.stat().st_size,
        "unzipped_bytes": unzipped.total(),
        "largest": {name: {"zipped": zipped[name], "unzipped": unzipped[name]} for name in largest},
    }


def _part(name: str) -> str:
    """The top folder; a distribution's facts and data belong to it, too."""
    top, _, _ = name.partition("/")
    return "chalicelib" if top == "app.py" else re.split(r"[-.]", top)[0]
