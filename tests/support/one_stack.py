"""Tests that share what takes long to start stay with one worker: another one would start its own."""

import re
from functools import cache
from pathlib import Path
from typing import Final

from xdist.scheduler import LoadFileScheduling

ROOT: Final = Path(__file__).resolve().parents[2]
_SHARED: Final = {
    # By its type, or through `resources`, which are those of its state.
    "the running stack": r"from tests\.support\.running import Running|\bresources: list\[dict\[",
    "the example of production": r"\bproduction: ProductionExample\b",
}


class OneStack(LoadFileScheduling):
    """Files as xdist's `loadfile` gives them out; those that share something as if they were one."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return shared(file) or file


@cache
def shared(file: str) -> str | None:
    """What a file of tests, by its path in the checkout, shares with others; None for nothing."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return next((name for name, sign in _SHARED.items() if re.search(sign, text)), None)
