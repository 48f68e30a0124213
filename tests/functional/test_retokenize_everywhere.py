"""A run that dies at any of its calls to AWS, before it or after it, goes on, and gives the same pairs."""

from collections.abc import Callable, Iterator

import pytest

from chalicelib.service import token_walker
from chalicelib.vault import token_walks, walk_table
from tests.support.answers import tokens
from tests.support.deaths import every_death, revealed
from tests.support.mortal import Mortal, mortal
from tests.support.retokenizing import Retokenizing, naming, pairs, switch

ITEMS = [
    {"type": "card_known", "value": "4111111111111111"},
    {"type": "card_known", "value": "5555555555554444", "subject": "p1"},
]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mortal]:
    """An account of two segments and pages of one token, so that there are few calls to die at."""
    monkeypatch.setattr(token_walks, "SEGMENTS", 2)
    monkeypatch.setattr(walk_table, "SEGMENTS", 2)
    monkeypatch.setattr(token_walker, "PAGE_TOKENS", 2)
    with mortal() as made:
        yield made


def test_a_run_that_died_is_gone_on_with(account: Mortal) -> None:
    """Whatever it had asked for, both tokens of each value open in the end, and the file is whole."""
    made, values = tokens(account.tokenize(*ITEMS)), [item["value"] for item in ITEMS]
    switch(account, naming(card_known=2))
    new = tokens(account.tokenize(*ITEMS))
    expected = dict(zip(made, new, strict=True))
    number, runs = 0, list[Retokenizing]()

    def prepare(n: int) -> Callable[[], object]:
        nonlocal number
        number += 1
        forget(account, new)
        run = Retokenizing(account, "card_known", run=f"{number:032x}")
        runs.append(run)
        return lambda: run.begin(anew=True).finish()

    for _ in every_death(account, prepare):
        run = runs[-1]
        run.restart()
        if not run.opening:
            run.ask()
        run.walk(anew=True)
        assert pairs(run.finish()) == expected
        assert revealed(account, [*made, *new]) == values * 2
    assert len(runs) > 20


def forget(account: Mortal, made: list[str]) -> None:
    """The new tokens were never made."""
    for token in made:
        key = {"pk": {"S": f"shop#{token}"}, "sk": {"S": "record"}}
        account.dynamodb.delete_item(TableName="vault", Key=key)
