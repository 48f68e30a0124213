"""The fake service as imports meet it."""

import pytest

from tests.client.service import Service

KNOWN = ("card_number", "date", "email", "iban", "t", "text", "u")
"""The types of all maps here."""


@pytest.fixture
def service(service: Service) -> Service:
    """It tells its types to each run that begins; what tests script and count is what comes after."""
    service.known_types = KNOWN
    return service
