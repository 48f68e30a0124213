"""An account whose types move, one for a file of tests."""

from collections.abc import Iterator

import pytest

from chalicelib.service import token_walker
from tests.support.retokenizing import naming, switch
from tests.support.world import World, world


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with world(naming()) as made:
        yield made


@pytest.fixture
def account(shared: World) -> World:
    """An account with nothing of an earlier test in it, whose types name the first key."""
    shared.clear("audit", "budgets", "idempotency", "subjects", "vault")
    for item in shared.items("keys"):
        if item["pk"]["S"].endswith("#tokens"):
            shared.dynamodb.delete_item(TableName="keys", Key={name: item[name] for name in ("pk", "sk")})
    switch(shared, naming())
    return shared


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of at most four tokens, so that a few take several."""
    monkeypatch.setattr(token_walker, "PAGE_TOKENS", 4)
