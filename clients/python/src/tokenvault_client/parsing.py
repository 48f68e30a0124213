"""JSON from outside: whatever is wrong with it, a `ValueError`."""

import json
from typing import Any


def load_json(raw: str | bytes) -> Any:
    """The content of a JSON document. Raises `ValueError`, also for one that is nested too deeply.

    `json.loads` raises `RecursionError` for such a document, which callers do not expect from a parser.
    """
    try:
        return json.loads(raw)
    except RecursionError:
        raise ValueError("nested too deeply") from None
