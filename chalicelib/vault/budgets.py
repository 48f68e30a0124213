"""What clients have spent of their budgets: what is asked of a store."""

from dataclasses import dataclass
from typing import Final, Protocol

from chalicelib.model import BudgetKind

KEPT_SECONDS: Final = 25 * 3600
"""How long after the beginning of its hour an item stays: a day, for operators who look into it."""


@dataclass(frozen=True)
class Spending:
    """A wish to spend `amount` of a budget of an hour, of which there are `most` in all.

    The budget is the client's, or that of one person who signed in to it, by `user_sub`, or that of a capture
    session, by its id in `session`; that of a session is for all its time, and `hour` is when that ends.

    `hour` is the Unix time of its beginning. `amount` is never more than `most`; below zero, it is
    given back.
    """

    tenant: str
    client: str
    kind: BudgetKind
    hour: int
    amount: int
    most: int
    user_sub: str | None = None
    session: str | None = None


class BudgetStore(Protocol):
    """What was spent, by client, hour and kind, in one Region."""

    def spend(self, spending: Spending) -> bool:
        """Counts the amount, all of it or none, and says whether it was there.

        Raises `StoreUnavailable`, where it may have been counted.
        """
        ...
