"""A part of the evidence, and why one could not be had."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

State = Literal["passed", "failed", "incomplete", "recorded", "not checked"]
"""`recorded`: facts, about which nothing passes or fails. `incomplete`: nothing failed, and some of it is
missing. `not checked`: none of it could be had."""

STATES: Final[tuple[State, ...]] = ("failed", "not checked", "incomplete", "passed", "recorded")


class CannotHaveError(Exception):
    """Something could not be had; the message says what, and why."""


@dataclass(frozen=True)
class Table:
    """A table of the page: all cells are text."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Part:
    """What was found: `data` as it is filed, `tables` as it is shown, and each thing that is missing."""

    name: str
    title: str
    state: State
    summary: str
    data: Any = None
    tables: Sequence[Table] = ()
    missing: Sequence[str] = ()


def collected(name: str, title: str, collect: Callable[[], Part]) -> Part:
    """A part, or one that says why it could not be had: never one that passes."""
    try:
        return collect()
    except CannotHaveError as reason:
        return Part(name, title, "not checked", str(reason), missing=(f"{title}: {reason}",))
