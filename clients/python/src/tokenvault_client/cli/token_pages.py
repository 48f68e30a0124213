"""Pages of old and new tokens, from two functions in turn: one puts tokens down, the other takes them."""

import base64
import binascii
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tokenvault_client.cli.key_walks import MOST_FAULTS, Asked
from tokenvault_client.errors import Unavailable, VerificationError
from tokenvault_client.exports import ExportPage

_LONGEST_PAUSE: Final = 30.0
_STEP_ITEMS: Final = 1000


@dataclass
class TokenPages:
    """The pages of one run, at a pace of so many items a second. `which` names tenant, type and run."""

    functions: Asked
    which: Mapping[str, str]
    items_per_second: int
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    seen: int | None = field(default=None)
    """How many items of the table were looked at up to the latest page; None before this process's first."""

    def begin(self, *, anew: bool) -> None:
        """Begins the walk; said twice, it is the same one. Raises `Refused` or `Unavailable`."""
        event = {"retokenize": {**self.which, **({"anew": True} if anew else {})}}
        self._tried(lambda: self.functions.maintain(event))

    def page(self, opening: str, cursor: str, number: int) -> ExportPage:
        """The page behind that of this number. Asked again, there is another copy of it.

        Raises `Refused` or, after many faults in a row, `Unavailable`.
        """
        limit, began = min(_STEP_ITEMS, self.items_per_second), self.clock()
        step = {"retokenize": {**self.which, "revision": number, "limit": limit}}
        walk = self._tried(lambda: self.functions.maintain(step))
        taken = {"retokenize": {"opening": opening, "cursor": cursor}}
        page = _page(self._tried(lambda: self.functions.reveal(taken)), walk)
        seconds = (walk["seen"] - (walk["seen"] if self.seen is None else self.seen)) / self.items_per_second
        self.seen = walk["seen"]
        self.sleep(max(0.0, began + seconds - self.clock()))
        return page

    def _tried(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """An answer, after faults that pass: each event may be sent again."""
        faults = 0
        while True:
            try:
                return ask()
            except Unavailable:
                faults += 1
                if faults >= MOST_FAULTS:
                    raise
                self.sleep(min(_LONGEST_PAUSE, 2.0**faults))


def _page(answer: Mapping[str, Any], walk: Mapping[str, Any]) -> ExportPage:
    try:
        return ExportPage(
            number=answer["number"],
            sealed=base64.b64decode(answer["sealed"], validate=True),
            tokens=answer["tokens"],
            failed=answer["failed"],
            walked=1.0
            if walk["done"]
            else min(1.0, walk["seen"] / (walk["estimate"] or walk["seen"] * 16 or 1)),
            cursor=answer["cursor"],
            receipt=answer["receipt"],
        )
    except (KeyError, TypeError, binascii.Error):
        raise VerificationError("the service answered something else than a page") from None
