"""JSON from outside: whatever is wrong with it, a `ValueError`."""

import json
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any


class RepeatedName(ValueError):
    """A name stands twice in an object: readers take one or the other (RFC 8259, section 4)."""


def load_json(raw: str | bytes, *, names_once: bool = False) -> Any:
    """The content of a JSON document. Raises `ValueError`, also for one that is nested too deeply.

    With `names_once`, `RepeatedName` for an object of which half would be lost; else the last one counts.

    `json.loads` raises `RecursionError` for such a document, which callers do not expect from a parser. A
    number that no `float` comes near, such as 1E+400, is a `Decimal` and not infinity or zero; `Decimal` has
    a largest exponent too, and raises `ArithmeticError` beyond.
    """
    try:
        return json.loads(raw, parse_float=_number, object_pairs_hook=_each_once if names_once else None)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ArithmeticError:
        raise ValueError("a number with too large an exponent") from None


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise RepeatedName("a name stands twice in an object")
    return made


def _number(text: str) -> float | Decimal:
    near = float(text)
    if math.isfinite(near) and (near or not Decimal(text)):
        return near
    return Decimal(text)
