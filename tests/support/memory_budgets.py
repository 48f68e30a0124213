"""Budgets in memory: what the contract suite says they are."""

from collections import Counter

from chalicelib.vault.budgets import Spending


class MemoryBudgets:
    """A `BudgetStore` of one Region. All of an amount is counted, or none of it."""

    def __init__(self) -> None:
        self._spent = Counter[tuple[object, ...]]()

    def spend(self, spending: Spending) -> bool:
        budget = (*_whose(spending), spending.hour, spending.kind)
        if self._spent[budget] + spending.amount > spending.most:
            return False
        self._spent[budget] += spending.amount
        return True


def _whose(spending: Spending) -> tuple[str, str, str]:
    """A person is one, through whatever client, and so is a session."""
    if spending.session is not None:
        return spending.tenant, "session", spending.session
    if spending.user_sub is not None:
        return spending.tenant, "person", spending.user_sub
    return spending.tenant, "client", spending.client
