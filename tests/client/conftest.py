"""The fake service that tests of the client share."""

from collections.abc import Iterator

import pytest

from tests.client.service import Service, serving


@pytest.fixture
def service() -> Iterator[Service]:
    """A fresh one for one test."""
    with serving() as made:
        yield made
