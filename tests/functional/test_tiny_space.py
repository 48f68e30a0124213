"""Uniqueness where it is hardest: a token space so small that all values fight for its places.

The space is a test's own, of 256 tokens; a policy with it would be refused. What writes is the real thing, on
emulated tables.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from chalicelib.crypto.kms import Kek
from chalicelib.crypto.prf import Derived
from chalicelib.errors import TokenSpaceExhausted
from chalicelib.formats.base import TokenSpace
from chalicelib.formats.text import build as build_text
from chalicelib.kernel_random import fill_from_kernel
from chalicelib.model import InfoType, RecordDraft, TokenFacts
from chalicelib.sensitive import Sensitive
from chalicelib.service.batch import BatchItem
from chalicelib.service.deterministic_writer import DeterministicWriter
from chalicelib.service.random_writer import RandomWriter
from chalicelib.service.requests import IdempotentRequest
from chalicelib.service.results import MAX_PROBES, Result
from chalicelib.vault.batches import Batches
from chalicelib.vault.dynamodb import Backoff
from chalicelib.vault.key_table import KeyTable
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.records import RecordSealer
from chalicelib.vault.token_table import TokenTable
from tests.support import policies
from tests.support.world import World

SIZE = 256
SPACE = TokenSpace(SIZE, lambda point: f"t{point:03}")
THREADS = 32


TEXT = InfoType("text", build_text("text", {}))


def derive(tenant: str, drafts: Sequence[RecordDraft]) -> list[Derived]:
    """Derives from a value's hash, without KMS."""
    values = [draft.value.reveal().encode() for draft in drafts]
    return [Derived.from_seed("cached", hashlib.sha256(value).digest()) for value in values]


@dataclass
class Writers:
    """Both ways to give a value a token, on one table."""

    account: World
    keys: TokenizingKeyring
    deterministic: DeterministicWriter
    random: RandomWriter

    def sealer(self) -> RecordSealer:
        key = self.keys.writing_key("shop")
        return RecordSealer(key, fill_from_kernel, os.urandom, per_request=True)

    def derive(self, values: list[str]) -> list[Result]:
        batch = items(values)
        self.deterministic.write(self.sealer(), batch, IdempotentRequest(1))
        return [item.answer for item in batch]

    def draw(self, values: list[str]) -> list[Result]:
        batch = items(values)
        self.random.write(self.sealer(), batch, IdempotentRequest(1))
        return [item.answer for item in batch]


def items(values: list[str]) -> list[BatchItem]:
    drafts = [RecordDraft("shop", TEXT, Sensitive(value), SPACE, 1) for value in values]
    return [BatchItem(position, draft) for position, draft in enumerate(drafts)]


@pytest.fixture
def writers(account: World) -> Iterator[Writers]:
    keys = TokenizingKeyring(
        vault_id=policies.VAULT_ID,
        store=KeyTable(account.dynamodb, "keys"),
        unwrap_bundle=Kek(account.kms, account.index_kek).unwrap,
        cache_seconds=600,
        clock=time.time,
    )
    with ThreadPoolExecutor(THREADS) as pool:
        client = account.client("dynamodb")
        table = TokenTable(client, "vault", Batches(client, pool, Backoff()))
        yield Writers(
            account,
            keys,
            DeterministicWriter(store=table, derive=derive, keys=keys, clock=time.time),
            RandomWriter(
                store=table,
                keys=keys,
                own_slots=frozenset(range(16)),
                clock=time.time,
                randbelow=secrets.randbelow,
            ),
        )


def revealed(account: World, tokens: list[str]) -> list[str]:
    """The values behind the tokens, as the revealing function opens them."""
    batches = [tokens[start : start + 100] for start in range(0, len(tokens), 100)]
    answers = [account.detokenize(*batch) for batch in batches]
    return [entry["value"] for answer in answers for entry in answer.body["results"]]


def fill(account: World, percent: int) -> None:
    """Takes so much of the space, each place by what an erased record leaves."""
    for point in range(SIZE * percent // 100):
        account.store({"pk": {"S": f"shop#t{point:03}"}, "sk": {"S": "record"}, "erased": {"N": "1"}})


def token_of(result: Result) -> str | None:
    """The token, None where the space had none. Any other error is a failure."""
    assert isinstance(result, TokenFacts | TokenSpaceExhausted)
    return result.token if isinstance(result, TokenFacts) else None


def test_every_derived_token_belongs_to_one_value(writers: Writers) -> None:
    """32 threads hand in 400 values, each in two threads: one value, one token, and no token twice."""
    values = [f"value {n}" for n in range(400)]
    shares = [values[start::16] for start in range(16)] * 2
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(writers.derive, shares))
    pairs = {
        (value, token_of(result))
        for share, results in zip(shares, answers, strict=True)
        for value, result in zip(share, results, strict=True)
    }
    assert len(pairs) == len(values), "the two threads of a value were told the same"
    tokens = {token: value for value, token in pairs if token}
    assert len(tokens) == len([token for _, token in pairs if token])
    assert len(tokens) > SIZE / 2
    assert len(tokens) < len(values), "the space was not squeezed, so nothing was proved"
    assert revealed(writers.account, list(tokens)) == list(tokens.values())


def test_every_drawn_token_belongs_to_one_value(writers: Writers) -> None:
    """So do drawn ones: of 400 in 32 threads no two meet, and the rest is told that there is no room."""
    values = [f"value {n}" for n in range(400)]
    shares = [values[start::THREADS] for start in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(writers.draw, shares))
    pairs = [
        (value, token_of(result))
        for share, results in zip(shares, answers, strict=True)
        for value, result in zip(share, results, strict=True)
    ]
    tokens = {token: value for value, token in pairs if token}
    assert len(tokens) == len([token for _, token in pairs if token])
    assert SIZE / 2 < len(tokens) < len(values)
    assert revealed(writers.account, list(tokens)) == list(tokens.values())


def test_a_full_space_says_so_before_it_gets_slow(writers: Writers) -> None:
    """Where no place is free, a value costs at most four looks or writes, whichever way it came."""
    fill(writers.account, 100)
    calls = writers.account.calls
    for write in (writers.derive, writers.draw):
        calls.clear()
        [refused] = write(["one more"])
        assert isinstance(refused, TokenSpaceExhausted)
        assert len(calls) <= MAX_PROBES


def test_what_a_draw_costs(writers: Writers) -> None:
    """A draw into a space filled to f fails with f**4: about 6 of 100 at one half, 66 of 100 at nine tenths.

    The writes are 1 / (1 - f) a token that is found, and never more than 4: about 1.9 and 3.4.
    """
    for percent, least, most, writes in ((50, 1, 15, (1.6, 2.2)), (90, 50, 80, (3.1, 3.7))):
        fill(writers.account, percent)
        writers.account.calls.clear()
        failed = 0
        for n in range(100):
            token = token_of(writers.draw([f"{percent} {n}"])[0])
            failed += token is None
            if token is not None:
                key = {"pk": {"S": f"shop#{token}"}, "sk": {"S": "record"}}
                writers.account.dynamodb.delete_item(TableName="vault", Key=key)
        puts = writers.account.calls.count("dynamodb.PutItem")
        assert least <= failed <= most
        assert writes[0] <= puts / 100 <= writes[1]
