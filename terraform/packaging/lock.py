"""Writes `requirements.lock` anew: every library of the package, with the hashes of its release's files; and
`parquet.lock` with pyarrow, in the release that is tested.

    python terraform/packaging/lock.py            (needs uv: `pip install uv`)

To be run after a change of `requirements.txt`, and to take up new releases of what those libraries need
(`--upgrade`). Chalice's runtime is in the lock by itself: two of its files are packaged, and those need none
of its libraries.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from interpreter import RUNTIME  # noqa: E402  # as in build.py
from merge import CHALICE  # noqa: E402  # needs the path to chalicelib

LOCK: Final = ROOT / "requirements.lock"
PARQUET_LOCK: Final = Path(__file__).with_name("parquet.lock")
PARQUET_HEAD: Final = """\
# Written by terraform/packaging/lock.py from requirements-dev.txt: what the layer for Parquet is made of.
"""
HEAD: Final = """\
# Written by terraform/packaging/lock.py from requirements.txt: all libraries of the Lambda package, by hash.
# The package is built from this file alone, and `make` installs the same releases for development.
"""


def main() -> None:
    """Command line: what it is given goes to `uv pip compile`."""
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        sys.exit("uv is needed to write the lock: `pip install uv`.")
    resolved = _compiled(uv, "requirements.txt", *sys.argv[1:])
    chalice = _compiled(uv, "-", "--no-deps", given=f"chalice=={CHALICE}\n")
    LOCK.write_text(HEAD + resolved + chalice)
    [pyarrow] = re.findall(r"^pyarrow==.+$", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)
    PARQUET_LOCK.write_text(PARQUET_HEAD + _compiled(uv, "-", "--no-deps", given=f"{pyarrow}\n"))


def _compiled(uv: str, source: str, *options: str, given: str = "") -> str:
    """What uv resolves for the pinned runtime, markers decided."""
    fixed = [f"--python-version={RUNTIME.removeprefix('python')}", "--python-platform=aarch64-manylinux_2_34"]
    form = ["--generate-hashes", "--only-binary", ":all:", "--no-header", "--no-annotate", "--quiet"]
    command = [uv, "pip", "compile", source, *fixed, *form, *options]
    return subprocess.run(command, cwd=ROOT, input=given, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
