"""Budgets: how much a client may ask for in an hour, in all containers together.

A Region counts for itself, so that no answer waits for another Region, and gets an equal share of the limit.
Counted is what is asked for, before it is done: what then fails, or whose counting was not acknowledged, is
spent all the same. So a budget is never exceeded; a retry after a failure may cost twice. Given back is what
was asked for by a request that waits for a secret with all it asks for, and is to be sent again.
"""

import math
from dataclasses import replace
from typing import Final

from chalicelib.errors import BudgetExceeded
from chalicelib.model import BudgetKind, Caller
from chalicelib.sources import Clock
from chalicelib.vault.budgets import BudgetStore, Spending

HOUR_SECONDS: Final = 3600


class Budgets:
    """Refuses what a client's budget does not cover. A client without a budget costs nothing here."""

    def __init__(self, *, store: BudgetStore, regions: int, clock: Clock) -> None:
        self._store, self._regions, self._clock = store, regions, clock

    def spend(self, caller: Caller, kind: BudgetKind, amount: int) -> Spending | None:
        """One write, however many items a request has; none, and None, without a budget.

        Raises `BudgetExceeded` or `StoreUnavailable`.
        """
        limit = caller.budgets.get(kind)
        if limit is None or amount == 0:
            return None
        now = self._clock()
        hour = int(now // HOUR_SECONDS) * HOUR_SECONDS
        most = limit // self._regions
        spending = Spending(caller.tenant, caller.client, kind, hour, amount, most)
        if amount > most or not self._store.spend(spending):
            name = kind.replace("_", " ")
            wait = max(1, math.ceil(hour + HOUR_SECONDS - now))
            raise BudgetExceeded(f"this is more than is left of the client's {name} in this hour", wait)
        return spending

    def give_back(self, spending: Spending | None) -> None:
        """Takes back what was spent on nothing, in the hour in which it was. Raises `StoreUnavailable`."""
        if spending is not None:
            self._store.spend(replace(spending, amount=-spending.amount))
