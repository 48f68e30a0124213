"""A request that is sent again finds the tokens of its first try, whichever draw they came from."""

import os
import random

import pytest

from chalicelib.crypto.prf import Draws
from chalicelib.drawing import draw
from chalicelib.errors import TokenNotFound
from chalicelib.formats.text import build as build_text
from chalicelib.kernel_random import fill_from_kernel
from chalicelib.model import InfoType, RecordDraft, TokenFacts
from chalicelib.sensitive import Sensitive
from chalicelib.service.batch import BatchItem
from chalicelib.service.random_writer import RandomWriter
from chalicelib.service.requests import IdempotentRequest
from chalicelib.service.results import Result
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.records import RecordSealer
from chalicelib.vault.token_items import RECORD, tombstone
from chalicelib.vault.tokens import TokenKey
from tests.support import policies
from tests.support.memory_keys import MemoryKeys, provisioner, unwrap
from tests.support.memory_store import MemoryStore

NOW = 1_800_000_000
SEED = bytes(32)
SLOTS = frozenset(range(16))
TEXT = InfoType("text", build_text("text", {}))
SPACE = TEXT.format.space("a value")


class Writing:
    """A writer over a table in memory, and a request with one opaque token."""

    def __init__(self) -> None:
        self.items = dict[tuple[str, str], dict[str, object]]()
        self.store, keys = MemoryStore(self.items), MemoryKeys()
        for _ in range(2):
            provisioner(keys, "a", lambda: NOW, regions=["a"]).provision(["shop"])
        self.ring = TokenizingKeyring(
            vault_id=policies.VAULT_ID,
            store=keys,
            unwrap_bundle=unwrap,
            cache_seconds=1e9,
            clock=lambda: NOW,
        )
        self.writer = RandomWriter(
            store=self.store,
            keys=self.ring,
            own_slots=SLOTS,
            clock=lambda: NOW,
            randbelow=random.Random(0).randrange,
        )

    def send(self, *, again: bool) -> Result:
        item = BatchItem(0, RecordDraft("shop", TEXT, Sensitive("a value"), SPACE, NOW))
        key = self.ring.writing_key("shop")
        with RecordSealer(key, fill_from_kernel, os.urandom, per_request=True) as sealer:
            self.writer.write(sealer, [item], IdempotentRequest(NOW, again, SEED))
        return item.answer


def first_draw() -> TokenKey:
    return TokenKey("shop", draw(SPACE, SLOTS, Draws(SEED, 0).randbelow))


@pytest.fixture
def writing() -> Writing:
    """Somebody else's tombstone, of long ago, stands where the first draw falls."""
    made = Writing()
    made.store.overwrite(tombstone(first_draw(), NOW - 10**6, b"somebody else's"))
    return made


def test_the_first_try_draws_again(writing: Writing) -> None:
    """Its first place is taken."""
    result = writing.send(again=False)
    assert isinstance(result, TokenFacts)
    assert result.token != first_draw().token


def test_a_replay_finds_the_second_draw(writing: Writing) -> None:
    """Whether what stood at the first is still there, is gone, or was erased unseen since the first try."""
    first = writing.send(again=False)
    assert writing.send(again=True) == first
    writing.store.overwrite(tombstone(first_draw(), NOW + 1))
    assert writing.send(again=True) == first
    del writing.items[first_draw().partition, RECORD]
    assert writing.send(again=True) == first
    assert len(writing.items) == 1


def test_an_opaque_token_that_was_erased_unseen_stays_erased_whatever_the_clocks_say() -> None:
    """Nobody can name a token that was drawn from so many before it was drawn."""
    writing = Writing()
    assert isinstance(writing.send(again=False), TokenFacts)
    writing.store.overwrite(tombstone(first_draw(), NOW - 10**6))
    assert isinstance(writing.send(again=True), TokenNotFound)
    assert len(writing.items) == 1
