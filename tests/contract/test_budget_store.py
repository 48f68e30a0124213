"""One suite for every store of what was spent: the fake, and DynamoDB."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.vault.budget_table import BudgetTable
from chalicelib.vault.budgets import BudgetStore, Spending
from tests.support.memory_budgets import MemoryBudgets
from tests.support.world import world

TWO_OF_FIVE = Spending("shop", "settlement", "reveals", 1_800_000_000, amount=2, most=5)


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[BudgetStore]:
    if request.param == "memory":
        yield MemoryBudgets()
        return
    with world() as account:
        yield BudgetTable(account.client("dynamodb"), "budgets")


def test_all_of_an_amount_or_none_of_it(store: BudgetStore) -> None:
    """What does not fit counts for nothing; what is given back may be spent again."""
    assert [store.spend(TWO_OF_FIVE) for _ in range(3)] == [True, True, False]
    assert store.spend(replace(TWO_OF_FIVE, amount=1))
    assert store.spend(replace(TWO_OF_FIVE, amount=-2))
    assert [store.spend(TWO_OF_FIVE) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    "other",
    [{"hour": 1_800_003_600}, {"kind": "searches"}, {"tenant": "clinic"}, {"client": "support"}],
    ids=lambda other: next(iter(other)),
)
def test_budgets_are_apart(store: BudgetStore, other: dict[str, object]) -> None:
    """By hour, kind, tenant and client."""
    assert store.spend(replace(TWO_OF_FIVE, amount=5))
    assert store.spend(replace(TWO_OF_FIVE, **other))  # type: ignore[arg-type]  # one field of each type


@pytest.mark.parametrize(
    "whose", [{"user_sub": "anna"}, {"session": "one"}], ids=lambda whose: next(iter(whose))
)
def test_a_person_or_a_session_is_one_through_every_client(store: BudgetStore, whose: dict[str, str]) -> None:
    """And is no client of that name."""
    own = replace(TWO_OF_FIVE, amount=5, user_sub=whose.get("user_sub"), session=whose.get("session"))
    assert store.spend(own)
    assert not store.spend(replace(own, client="support", amount=1))
    assert store.spend(TWO_OF_FIVE)
