"""What checkov is told to pass over is told why, beside the resource."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIP = re.compile(r"^  # checkov:skip=(CKV\d?_AWS_\d+): (\S.{29,})$")


def test_every_skip_has_a_reason_inside_its_resource() -> None:
    """A line of its own at the head of a resource: the check, and a sentence."""
    skips = 0
    for source in sorted((ROOT / "terraform").rglob("*.tf")):
        lines = source.read_text().splitlines()
        for number, line in enumerate(lines):
            if "checkov:skip" not in line:
                continue
            skips += 1
            where = f"{source.relative_to(ROOT)}:{number + 1}"
            assert SKIP.fullmatch(line), where
            head = next(above for above in reversed(lines[:number]) if "checkov:skip" not in above)
            assert head.startswith('resource "aws_'), where
    assert skips
