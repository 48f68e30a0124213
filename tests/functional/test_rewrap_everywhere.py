"""A rewrap that dies at any of its calls to AWS, before it or after it, is gone on with by the next run."""

from collections.abc import Callable, Iterator

import pytest

from chalicelib.crypto.record_cipher import DESCRIPTION
from chalicelib.items import Item
from chalicelib.vault import walk_table, walks
from tests.support.answers import tokens
from tests.support.deaths import every_death, revealed
from tests.support.mortal import Mortal, mortal
from tests.support.rotations import Operator
from tests.support.values import of_a_subject


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mortal]:
    """An account of two segments, so that there are few calls to die at."""
    monkeypatch.setattr(walks, "SEGMENTS", 2)
    monkeypatch.setattr(walk_table, "SEGMENTS", 2)
    with mortal() as made:
        yield made


def put_back(account: Mortal, records: list[Item]) -> None:
    """The records as they were before they were moved."""
    for record in records:
        account.store(record)


def test_a_rewrap_that_died_is_gone_on_with(account: Mortal) -> None:
    """Until then every value opens; then every record names the newest version, and opens as before."""
    items = of_a_subject(1)[:2]
    made, values = tokens(account.tokenize(*items)), [item["value"] for item in items]
    records = [account.stored(token) for token in made]
    newest = Operator(account).rotate()

    def prepare(n: int) -> Callable[[], object]:
        put_back(account, records)
        operator = Operator(account)
        return lambda: operator.walk(moves=True)

    for _ in every_death(account, prepare):
        assert revealed(account, made) == values
        Operator(account).walk(moves=True)
        assert {newest in str(account.stored(token)[DESCRIPTION]) for token in made} == {True}
    assert Operator(account).named()[newest] == 2
    assert revealed(account, made) == values
