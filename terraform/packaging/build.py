"""Packages the app: writes `chalice.tf.json` and `deployment.zip` for `terraform/modules/regional`.

For AWS a commit gives the same bytes on any machine: libraries by hash (`requirements.lock`), one runtime
and one release of Python that compiles for it (`interpreter.py`), a fixed environment (`fixed.py`), and a zip
that depends on nothing but its files (`zipped.py`).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from fixed import UMASK, environment, run  # noqa: E402  # after the path to chalicelib is set
from interpreter import ARCHITECTURE, RUNTIME, MissingInterpreterError, pinned  # noqa: E402  # likewise
from libraries import ClashError, libraries  # noqa: E402  # likewise
from merge import CHALICE, UnexpectedShapeError, merge  # noqa: E402  # likewise
from slim import compiled, slim  # noqa: E402  # likewise
from zipped import zipped  # noqa: E402  # likewise

from chalicelib.api.routes import ROUTES  # noqa: E402  # likewise

MODULE = ROOT / "terraform" / "modules" / "regional"
LOCK = ROOT / "requirements.lock"
OURS = ("app.py", "chalicelib")
"""What is in the package of this repository."""

PACKAGED = (*OURS, ".chalice/config.json")
"""All that Chalice gets to see. Without requirements it fetches nothing."""


def build(stage: str, out: Path, compile_for_start: bool = True) -> None:
    """Packages one stage into a folder.

    Raises `UnexpectedShapeError`, `MissingInterpreterError`, `ClashError` or `CalledProcessError`; then
    nothing was written.
    """
    if metadata.version("chalice") != CHALICE:
        raise UnexpectedShapeError(f"version {metadata.version('chalice')} is installed")
    python = (pinned() if stage == "aws" else sys.executable) if compile_for_start else None
    os.umask(UMASK)
    with tempfile.TemporaryDirectory() as scratch:
        written = _by_chalice(stage, _made(Path(scratch, "chalice")))
        files = slim(_app(OURS) | libraries(LOCK, stage, _made(Path(scratch, "wheels"))))
        files |= compiled(files, python, Path(scratch)) if python else {}
    document = merge(_for_lambda(written) if stage == "aws" else written, ROUTES)
    out.mkdir(parents=True, exist_ok=True)
    (out / "deployment.zip").write_bytes(zipped(files))
    (out / "chalice.tf.json").write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


def _by_chalice(stage: str, scratch: Path) -> dict[str, Any]:
    """Chalice's Terraform. Its zip is left: it holds what is installed here, whatever that is."""
    source, packaged = scratch / "source", scratch / "packaged"
    for name, content in _app(PACKAGED).items():
        copy = source / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
    chalice = Path(sys.executable).with_name("chalice")
    command: list[str | Path] = [chalice, "package", "--pkg-format", "terraform", "--stage", stage, packaged]
    run(command, cwd=source, environment=environment())
    return dict(json.loads((packaged / "chalice.tf.json").read_text()))


def _for_lambda(written: dict[str, Any]) -> dict[str, Any]:
    """The pinned runtime in place of the Python that Chalice runs on. Raises `UnexpectedShapeError`."""
    for function in written["resource"]["aws_lambda_function"].values():
        if function.get("architectures") != [ARCHITECTURE]:
            raise UnexpectedShapeError(f"a function of stage aws is not for {ARCHITECTURE}")
        function["runtime"] = RUNTIME
    return written


def _app(names: Iterable[str]) -> dict[str, bytes]:
    """Our sources by their path, and nothing that an editor or a system left between them."""
    given = [ROOT / name for name in names]
    found = [file for path in given for file in (path.rglob("*.py") if path.is_dir() else [path])]
    return {file.relative_to(ROOT).as_posix(): file.read_bytes() for file in found}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--stage", default="aws", choices=("aws", "host"), help="aws: arm64, to deploy; host: runs here"
    )
    parser.add_argument(
        "--out", type=Path, default=MODULE, help="folder to write to (default: the regional module)"
    )
    parser.add_argument(
        "--uncompiled",
        action="store_true",
        help="no compiled files, so no pinned Python is needed and a cold start takes longer: for plans",
    )
    chosen = parser.parse_args()
    try:
        build(chosen.stage, chosen.out, not chosen.uncompiled)
    except (UnexpectedShapeError, MissingInterpreterError, ClashError) as problem:
        sys.exit(str(problem))
    except subprocess.CalledProcessError as failed:
        step = " ".join(map(str, failed.cmd[:5]))
        sys.exit(f"`{step} ...` failed ({failed.returncode}); what it said stands above.")


if __name__ == "__main__":
    main()
