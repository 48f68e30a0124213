"""An account in which a client may export, for all tests of a file."""

from collections.abc import Iterator

import pytest

from chalicelib.service import exporter
from tests.support import policies
from tests.support.world import World, world


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    """An account that tests of a file share."""
    with world(policies.exporting()) as made:
        yield made


@pytest.fixture
def account(shared: World) -> World:
    """An account with nothing of an earlier test in it."""
    shared.clear("audit", "budgets", "subjects", "vault")
    shared.deploy(policies.exporting())
    return shared


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of at most four tokens, so that an export of a few takes several."""
    monkeypatch.setattr(exporter, "PAGE", 4)
    monkeypatch.setattr(exporter, "SCANS", 4)
