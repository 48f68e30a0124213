"""An account, one for each test."""

from collections.abc import Iterator

import pytest

from chalicelib import wiring
from tests.support.world import World, world


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An account whose functions' environment is this process's, one function at a time."""
    with world() as made:
        yield made
    wiring.service.cache_clear()
