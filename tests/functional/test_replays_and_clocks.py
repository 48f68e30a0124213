"""A request that is sent again through a container whose clock is another one's gets what it got."""

import random

import pytest

from chalicelib.errors import TokenNotFound
from chalicelib.vault.requests import CLOCKS_SECONDS, LIFETIME_SECONDS
from tests.support.region_looks import made
from tests.support.vault_in_regions import Vault

TEXT = {"type": "text", "value": "1000"}
KNOWN = {"type": "known", "value": "1000"}
SHORT = {"type": "short", "value": "1000"}
EVERY = pytest.mark.parametrize("given", [TEXT, KNOWN, SHORT], ids=lambda given: given["type"])
KEY = "k" * 22


@pytest.fixture
def vault() -> Vault:
    return Vault(random.Random(0))


@EVERY
def test_an_early_erasure_by_a_slow_clock_is_not_undone(vault: Vault, given: dict[str, str]) -> None:
    """The eraser had not seen the record, and its tombstone has a time before the request."""
    first, second = vault.regions
    token = made(first, given, KEY)
    vault.now -= CLOCKS_SECONDS
    second.erase(token)
    vault.network.settle()
    before = dict(first.vault)
    [result] = first.tokenize([given], KEY)
    assert isinstance(result, TokenNotFound)
    assert dict(first.vault) == before


def test_the_erasure_of_anothers_token_by_a_slow_clock_is_not_undone(vault: Vault) -> None:
    """The request had found a token, so no mark is its own."""
    first, second = vault.regions
    token = made(first, KNOWN)
    vault.now += 60
    assert made(first, KNOWN, KEY) == token
    vault.network.settle()
    vault.now -= CLOCKS_SECONDS
    second.erase(token)
    vault.network.settle()
    vault.now += 60
    [result] = first.tokenize([KNOWN], KEY)
    assert isinstance(result, TokenNotFound)


@EVERY
@pytest.mark.parametrize("apart", [CLOCKS_SECONDS, -CLOCKS_SECONDS])
def test_a_request_is_known_for_a_day_by_any_clock(vault: Vault, given: dict[str, str], apart: int) -> None:
    """Sent again at the last second of its day, through a container that is ahead, or behind."""
    token = made(vault.regions[0], given, KEY)
    vault.now += LIFETIME_SECONDS - 1 + apart
    assert made(vault.regions[0], given, KEY) == token
