"""The requirements of `docs/compliance.md`, and the tests that hold each."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
PAGE: Final = ROOT / "docs/compliance.md"
_ROW: Final = re.compile(r"\| (?:\d|A\d)")
_TEST: Final = re.compile(r"`(tests/[^`:]+\.py::\w+)`")


@dataclass(frozen=True)
class Requirement:
    """A row of the page. Without `tests` it is the adopter's, or AWS's."""

    name: str
    control: str
    where: tuple[str, ...]
    tests: tuple[str, ...]


def requirements(page: str) -> list[Requirement]:
    """The rows of the page's table, in order. Raises `ValueError` if there is none."""
    rows = [line.strip("|").split(" | ") for line in page.splitlines() if _ROW.match(line)]
    if not rows:
        raise ValueError("the page has no table of requirements")
    return [
        Requirement(
            name.strip(), control.strip(), tuple(re.findall(r"`([^`]+)`", where)), tuple(_TEST.findall(held))
        )
        for name, control, where, held in ([*row[:3], " | ".join(row[3:])] for row in rows)
    ]


def named_tests(found: list[Requirement]) -> list[str]:
    """Every test that a requirement names, once."""
    return sorted({test for requirement in found for test in requirement.tests})
