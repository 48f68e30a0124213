"""The emulated account that functional tests share within a file."""

from collections.abc import Iterator

import pytest

from tests.support.world import World, world


@pytest.fixture
def account() -> Iterator[World]:
    """A fresh account for one test."""
    with world() as made:
        yield made
