"""What a check found."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "failed", "not_checked"]
"""`not_checked`: the call that would show it was refused or not answered, which says nothing of the stack."""


@dataclass(frozen=True)
class Finding:
    """A check, how it ended, and what was seen, or why nothing was."""

    check: str
    state: State
    detail: str


def ok(check: str, detail: str) -> Finding:
    """All is as it should be."""
    return Finding(check, "ok", detail)


def failed(check: str, detail: str) -> Finding:
    """Something is not as it should be."""
    return Finding(check, "failed", detail)


def not_checked(check: str, detail: str) -> Finding:
    """Nobody knows, for the reason in `detail`."""
    return Finding(check, "not_checked", detail)
