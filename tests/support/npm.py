"""The npm packages of the nightly comparisons, by the lock in tests/nightly/npm."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PINNED: Final = ROOT / "tests/nightly/npm"
FILES: Final = ("package.json", "package-lock.json")


def installed() -> Path:
    """The folder whose `node_modules` has them, made where it is missing or of another lock.

    Raises `AssertionError` without Node.js, and `CalledProcessError` where npm fails.
    """
    assert None not in (shutil.which("node"), shutil.which("npm")), "this needs Node.js 20 or later with npm"
    folder = ROOT / ".local/nightly-npm"
    folder.mkdir(parents=True, exist_ok=True)
    if not ((folder / "node_modules").exists() and all(_is_same(name, folder) for name in FILES)):
        for name in FILES:
            shutil.copy(PINNED / name, folder / name)
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True
        )
    return folder


def _is_same(name: str, folder: Path) -> bool:
    there = folder / name
    return there.exists() and there.read_bytes() == (PINNED / name).read_bytes()
