"""Tests that use the running stack stay with one worker: another one would start a stack of its own."""

import re
from functools import cache
from pathlib import Path
from typing import Final

from xdist.scheduler import LoadFileScheduling

ROOT: Final = Path(__file__).resolve().parents[2]
# By its type, or through `resources`, which are those of its state.
_USES_IT: Final = re.compile(r"from tests\.support\.running import Running|\bresources: list\[dict\[")


class OneStack(LoadFileScheduling):
    """Files as xdist's `loadfile` gives them out; those that use the running stack as if they were one."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "the running stack" if uses_the_stack(file) else file


@cache
def uses_the_stack(file: str) -> bool:
    """Whether a file of tests, by its path in the checkout, takes what the fixture `running` gives."""
    return bool(_USES_IT.search((ROOT / file).read_text(encoding="utf-8")))
