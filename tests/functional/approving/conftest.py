"""An account in which a reveal needs a second person, for all tests of a file."""

from collections.abc import Iterator

import pytest

from tests.support import policies
from tests.support.world import World, world


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with world(policies.approving()) as made:
        yield made


@pytest.fixture
def account(shared: World) -> World:
    """An account in which `settlement` reveals two values an hour by itself, of which it has done none."""
    shared.clear("audit", "budgets")
    shared.deploy(policies.approving())
    return shared
