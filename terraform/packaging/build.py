"""Packages the app: writes `chalice.tf.json` and `deployment.zip` for `terraform/modules/regional`."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from merge import CHALICE, UnexpectedShapeError, merge  # noqa: E402  # after the path to chalicelib is set
from slim import slim  # noqa: E402  # after the path to chalicelib is set

from chalicelib.api.routes import ROUTES  # noqa: E402  # after the path to chalicelib is set

MODULE = ROOT / "terraform" / "modules" / "regional"
PACKAGED = ("app.py", "requirements.txt", "chalicelib", ".chalice/config.json")
"""All that Chalice gets to see: nothing else can end up in the package."""


def build(stage: str, out: Path) -> None:
    """Packages one stage into a folder. Raises `UnexpectedShapeError` or `CalledProcessError`."""
    if metadata.version("chalice") != CHALICE:
        raise UnexpectedShapeError(f"version {metadata.version('chalice')} is installed")
    with tempfile.TemporaryDirectory() as scratch:
        source, packaged = Path(scratch, "source"), Path(scratch, "packaged")
        _copy(source)
        chalice = Path(sys.executable).with_name("chalice")
        command = [chalice, "package", "--pkg-format", "terraform", "--stage", stage, str(packaged)]
        # Chalice asks for a Region to load the app; nothing it writes here depends on it.
        environment = {"AWS_DEFAULT_REGION": "us-east-1", **os.environ}
        subprocess.run(command, cwd=source, env=environment, check=True, stdout=subprocess.DEVNULL)
        written = json.loads(Path(packaged, "chalice.tf.json").read_text())
        out.mkdir(parents=True, exist_ok=True)
        slim(Path(packaged, "deployment.zip"), out / "deployment.zip")
    (out / "chalice.tf.json").write_text(json.dumps(merge(written, ROUTES), indent=1, sort_keys=True) + "\n")


def _copy(target: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in PACKAGED:
        source, copy = ROOT / name, target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=ignore)
        else:
            shutil.copyfile(source, copy)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--stage", default="aws", choices=("aws", "host"), help="aws: arm64, to deploy; host: runs here"
    )
    parser.add_argument(
        "--out", type=Path, default=MODULE, help="folder to write to (default: the regional module)"
    )
    chosen = parser.parse_args()
    try:
        build(chosen.stage, chosen.out)
    except UnexpectedShapeError as problem:
        sys.exit(str(problem))
    except subprocess.CalledProcessError as failed:
        sys.exit(f"chalice package failed ({failed.returncode}); what it said stands above.")


if __name__ == "__main__":
    main()
