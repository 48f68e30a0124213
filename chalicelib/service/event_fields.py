"""The fields of operators' events, checked each by itself. Functions raise `InvalidRequest`."""

import re
from collections.abc import Mapping
from typing import Any, Final

from chalicelib.errors import InvalidRequest

STEP_ITEMS: Final = 1000
MAX_STEP_ITEMS: Final = 10_000
"""How many items a step of a walk looks at, by default and at most: some seconds of a function's time."""


def read_matching(pattern: re.Pattern[str], text: object, rule: str) -> str:
    """A text that all of a pattern matches. Raises `InvalidRequest` with the rule."""
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise InvalidRequest(rule)
    return text


def read_flag(fields: Mapping[str, Any], name: str) -> bool:
    """True or false, which it is where nothing is said. Raises `InvalidRequest`."""
    flag = fields.get(name, False)
    if not isinstance(flag, bool):
        raise InvalidRequest(f"{name}: true or false is needed")
    return flag


def read_step(fields: Mapping[str, Any]) -> tuple[int, int]:
    """The revision of a walk that a step goes on behind, and the most items that it looks at.

    Raises `InvalidRequest`.
    """
    revision, limit = fields["revision"], fields.get("limit", STEP_ITEMS)
    if type(revision) is not int:
        raise InvalidRequest("revision: a whole number is needed")
    if type(limit) is not int or not 1 <= limit <= MAX_STEP_ITEMS:
        raise InvalidRequest(f"limit: a number from 1 to {MAX_STEP_ITEMS} is needed")
    return revision, limit
