"""What a policy says of approvals: which full reveals and exports of a client a second person approves."""

from collections.abc import Collection, Iterator
from typing import Final

import msgspec

from chalicelib.caller import ApprovalRule

MAX_VALUES: Final = 10**9
"""The largest number of values that a client may reveal in an hour without approval, where it is limited."""

VALID_SECONDS: Final = (60, 24 * 3600)
"""The shortest and the longest time from asking for an approval to the reveal."""


class ApprovalDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which full reveals of a client need a second person's approval: those over `over_per_hour` values in an
    hour, in all Regions together, and those of `types`. Each of its exports does, whatever these say."""

    over_per_hour: int | None = None
    types: list[str] = []
    valid_seconds: int = 3600

    @property
    def rule(self) -> ApprovalRule:
        """What is asked of a reveal, but for the number of values, which is a budget."""
        return ApprovalRule(frozenset(self.types), self.valid_seconds)


def approval_problems(
    needed: ApprovalDocument | None, actions: Collection[str], types: Collection[str], *, has_approvers: bool
) -> Iterator[str]:
    """What is wrong with the approvals of a client of these actions and types.

    `has_approvers` says whether a client of its tenant may approve.
    """
    if needed is None:
        return
    shortest, longest = VALID_SECONDS
    if not {"detokenize", "export"} & set(actions):
        yield "needs approval for full reveals (approval), and may neither reveal in full nor export"
    if needed.over_per_hour is None and not needed.types:
        yield "needs approval for nothing: name over_per_hour or types, or leave approval out"
    if needed.over_per_hour is not None and not 0 <= needed.over_per_hour <= MAX_VALUES:
        yield f"needs approval over a number of values that is not from 0 to {MAX_VALUES}"
    if unknown := set(needed.types) - set(types):
        yield f"needs approval for types that it may not use: {', '.join(sorted(unknown))}"
    if not shortest <= needed.valid_seconds <= longest:
        yield f"has approvals that last for a time that is not from {shortest} to {longest} seconds"
    if not has_approvers:
        yield "needs approval, and no client of its tenant may approve"
