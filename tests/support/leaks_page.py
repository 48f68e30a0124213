"""The steps of `docs/leaks.md`, as tests carry them out: the commands and the seconds stand there alone."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/leaks.md"
_STEP = re.compile(r"^### (.+)\n((?:(?!^#).*\n)+)", re.MULTILINE)
_BLOCK = re.compile(r"```(sh|hcl)\n(.*?)```", re.DOTALL)
_LIMIT = re.compile(r"at\s+most\s+(\d+)\s+s\b")


@dataclass(frozen=True)
class Step:
    """A step: its blocks of commands or of variables, and within how many seconds it is done."""

    blocks: tuple[str, ...]
    limit: float


def steps() -> dict[str, Step]:
    """All steps by their headings. Raises `ValueError` for one without a block or a limit."""
    found = {}
    for heading, text in _STEP.findall(PAGE.read_text() + "\n"):
        blocks = tuple(block for _, block in _BLOCK.findall(text))
        limits = _LIMIT.findall(text)
        if not blocks or len(limits) != 1:
            raise ValueError(f"the step {heading} needs a block and one number of seconds")
        found[heading] = Step(blocks, float(limits[0]))
    return found


def variables() -> set[str]:
    """The variables of the shell that the page sets before it begins."""
    first = _BLOCK.search(PAGE.read_text())
    assert first is not None
    return set_in(first[2])


def set_in(block: str) -> set[str]:
    """The variables of the shell that a block sets."""
    return set(re.findall(r"(?:^|\s)([A-Z_]+)=", block))
