"""JSON from outside: whatever is wrong with it, a `ValueError`."""

import json
import math
from decimal import Decimal
from typing import Any


def load_json(raw: str | bytes) -> Any:
    """The content of a JSON document. Raises `ValueError`, also for one that is nested too deeply.

    `json.loads` raises `RecursionError` for such a document, which callers do not expect from a parser. A
    number that no `float` comes near, such as 1E+400, is a `Decimal` and not infinity or zero; `Decimal` has
    a largest exponent too, and raises `ArithmeticError` beyond.
    """
    try:
        return json.loads(raw, parse_float=_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ArithmeticError:
        raise ValueError("a number with too large an exponent") from None


def _number(text: str) -> float | Decimal:
    near = float(text)
    if math.isfinite(near) and (near or not Decimal(text)):
        return near
    return Decimal(text)
