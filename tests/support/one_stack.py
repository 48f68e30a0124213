"""Tests that use the running stack stay with one worker: another one would start a stack of its own."""

from functools import cache
from pathlib import Path
from typing import Final

from xdist.scheduler import LoadFileScheduling

ROOT: Final = Path(__file__).resolve().parents[2]
_USES_IT: Final = "from tests.support.running import Running"


class OneStack(LoadFileScheduling):
    """Files as xdist's `loadfile` gives them out; those that use the running stack as if they were one."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "the running stack" if uses_the_stack(file) else file


@cache
def uses_the_stack(file: str) -> bool:
    """Whether a file of tests, by its path in the checkout, takes what the fixture `running` gives."""
    return _USES_IT in (ROOT / file).read_text(encoding="utf-8")
