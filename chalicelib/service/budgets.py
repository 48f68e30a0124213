"""Budgets: how much a client, or a person, may ask for in an hour, in all containers together.

A Region counts for itself, so that no answer waits for another Region, and gets an equal share of the limit.
Counted is what is asked for, before it is done: what then fails, or whose counting was not acknowledged, is
spent all the same. So a budget is never exceeded; a retry after a failure may cost twice. Given back is what
was asked for by a request that waits for a secret with all it asks for, and is to be sent again.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from chalicelib.caller import Caller
from chalicelib.errors import BudgetExceeded
from chalicelib.model import BudgetKind
from chalicelib.sources import Clock
from chalicelib.vault.budgets import BudgetStore, Spending

HOUR_SECONDS: Final = 3600


class Budgets:
    """Refuses what a budget does not cover. A caller without a budget costs nothing here."""

    def __init__(self, *, store: BudgetStore, regions: int, clock: Clock) -> None:
        self._store, self._regions, self._clock = store, regions, clock

    def spend(self, caller: Caller, kind: BudgetKind, types: Sequence[str | None]) -> Sequence[Spending]:
        """One write a budget, however many items a request has; none without a budget.

        `types` has the information type of each item, None where it is not known. A person's own budget comes
        first: whoever has used theirs up takes nothing of the client's, which others share. Raises
        `BudgetExceeded` or `StoreUnavailable`.
        """
        spent: list[Spending] = []
        for spending in self._asked_of(caller, kind, types) if types else ():
            if spending.amount > spending.most or not self._store.spend(spending):
                self.give_back(spent)
                raise self._exceeded(spending)
            spent.append(spending)
        return spent

    def most(self, caller: Caller, kind: BudgetKind, types: Sequence[str]) -> int | None:
        """The largest amount that ever fits, whichever of these types it is of; None for no limit."""
        asked = self._asked_of(caller, kind, [*types, None])
        return min((spending.most for spending in asked), default=None)

    def require_any(self, caller: Caller, kind: BudgetKind, types: Sequence[str]) -> None:
        """Refuses what no hour gives one of: a limit smaller than the number of Regions leaves each none.

        Raises `BudgetExceeded`.
        """
        for spending in self._asked_of(caller, kind, types):
            if spending.most == 0:
                raise self._exceeded(replace(spending, amount=1))

    def give_back(self, spent: Sequence[Spending]) -> None:
        """Takes back what was spent on nothing, in the hour in which it was. Raises `StoreUnavailable`."""
        for spending in spent:
            self._store.spend(replace(spending, amount=-spending.amount))

    def _exceeded(self, spending: Spending) -> BudgetExceeded:
        """Why there is not so much, and when there is: never, for what a whole hour does not have."""
        name, most = spending.kind.replace("_", " "), spending.most
        whose = f"the {'client' if spending.user_sub is None else 'person'}'s {name}"
        if spending.amount > most:
            reason = f"this is more at once than {whose} of a whole hour, of which this Region has {most}"
            return BudgetExceeded(f"{reason}: send fewer items" if most else reason, None)
        wait = max(1, math.ceil(spending.hour + HOUR_SECONDS - self._clock()))
        return BudgetExceeded(f"this is more than is left of {whose} in this hour", wait)

    def _asked_of(self, caller: Caller, kind: BudgetKind, types: Sequence[str | None]) -> Iterator[Spending]:
        """A person's items of types without a limit count for nothing there; all others count together, and
        the smallest of their limits holds for them. So no type ever goes over its own."""
        hour = int(self._clock() // HOUR_SECONDS) * HOUR_SECONDS
        asked = Spending(caller.tenant, caller.client, kind, hour, amount=len(types), most=0)
        limits = [caller.own_limit(kind, name) for name in types]
        own = [limit for limit in limits if limit is not None]
        if own and caller.user is not None:
            most = min(own) // self._regions
            yield replace(asked, amount=len(own), most=most, user_sub=caller.user.sub)
        if (limit := caller.budgets.get(kind)) is not None:
            yield replace(asked, most=limit // self._regions)
