"""A vault for all tests of a file, and a bucket for each."""

from collections.abc import Iterator

import pytest

from chalicelib.service import exporter
from tests.functional.bulk_exports.over_s3 import VALUES
from tests.support import policies
from tests.support.answers import tokens
from tests.support.bulk_exports import BulkExports
from tests.support.world import World, world


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    """Sixty tokens, and a client that exports without approval."""
    with world(policies.exporting()) as account:
        tokens(account.tokenize(*({"type": "text", "value": value} for value in VALUES)))
        yield account


@pytest.fixture
def account(shared: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The vault under its policy, with pages of at most four tokens."""
    monkeypatch.setattr(exporter, "PAGE", 4)
    monkeypatch.setattr(exporter, "SCANS", 4)
    shared.deploy(policies.exporting())
    return shared


@pytest.fixture
def made(account: World) -> BulkExports:
    """A bucket of its own."""
    return BulkExports(account)
