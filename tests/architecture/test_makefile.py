"""The Makefile's targets are what its help says they are."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_no_target_stands_twice_and_each_is_phony() -> None:
    """Make itself only warns of a second recipe, and then runs that one."""
    text = (ROOT / "Makefile").read_text()
    helped = re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE)
    [phony] = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert sorted(helped) == sorted(phony.split())
    shown = subprocess.run(
        ["make", "--dry-run", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert shown.stderr == ""
