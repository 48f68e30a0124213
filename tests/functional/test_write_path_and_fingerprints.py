"""What fingerprints give to an attacker who has taken over the tokenizing function, and what they do not.

The attacker holds the function's keys, what its role gets from KMS, and every table, whose records tell as
much of a card as a policy can have them tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chalicelib.crypto.context import PRF_PURPOSE, KeyContext, RecordContext, frame
from chalicelib.crypto.keys import TokenizingKey, derive
from chalicelib.crypto.kms import Kek, MacKey
from chalicelib.crypto.materials import record_key
from chalicelib.crypto.prf import PrfKey, card_fingerprint, card_mac_message, keyed_hash
from chalicelib.crypto.record_cipher import parse_sealed
from chalicelib.formats.luhn import passes_luhn
from chalicelib.vault.key_table import KeyTable
from tests.support import policies
from tests.support.held_keys import held
from tests.support.memory_graph import reachable
from tests.support.world import World, world

CARD = "4111111111111111"
OPTIONS = {"brand": True, "bin_digits": 8, "fingerprint": True, "keep_last": 4}
VALUES: dict[str, Any] = {"card_number": CARD, "card": {"number": CARD, "expiry": "2027-12", "holder": "Ada"}}
"""What is taken in, by format: a number by itself, and one with its expiry and holder."""
CONTEXT = KeyContext(policies.VAULT_ID, "shop", "prf")
Item = dict[str, Any]


@dataclass(frozen=True)
class Loot:
    """A card's record, and the secrets that the function comes to hold while it takes the card in."""

    record: Item
    key: TokenizingKey
    prf_root: bytes
    prf: PrfKey

    @property
    def fingerprint(self) -> str:
        return str(self.record["card"]["M"]["fingerprint"]["S"])

    @property
    def secrets(self) -> list[bytes]:
        return [
            self.prf_root,
            self.prf.index_subkey,
            self.prf.request_subkey,
            self.prf.card_subkey,
            self.key.sign_subkey,
            self.key.mix_subkey,
        ]

    @property
    def candidates(self) -> list[str]:
        """Every number that begins and ends as the record and its token say."""
        head, tail = self.record["card"]["M"]["bin"]["S"], self.record["pk"]["S"][-4:]
        numbers = (f"{head}{middle:04}{tail}" for middle in range(10_000))
        return [number for number in numbers if passes_luhn(number)]


@pytest.fixture(params=sorted(VALUES))
def item(request: pytest.FixtureRequest) -> Item:
    """A card, of a type of the format."""
    return {"type": "card", "value": VALUES[request.param]}


@pytest.fixture
def account(item: Item) -> Iterator[World]:
    name = "card_number" if item["value"] == CARD else "card"
    with world(policies.document({"card": {"format": name, "options": OPTIONS}})) as made:
        yield made


@pytest.fixture
def loot(account: World, item: Item) -> Loot:
    record = account.stored(account.tokenize(item).only["token"])
    wrapped = KeyTable(account.dynamodb, "keys").tenant_keys("shop").prf_keys[1]
    root = Kek(account.kms, account.index_kek).unwrap(wrapped.wrapped, CONTEXT.for_kms(PRF_PURPOSE))
    return Loot(record, held(account, parse_sealed(record).key_id), root, PrfKey.of(CONTEXT, root))


def test_no_guess_is_confirmed_without_kms(loot: Loot) -> None:
    """A thousand numbers are left, and none of the secrets that are held tells which of them it is."""
    assert CARD in loot.candidates
    assert len(loot.candidates) == 1000
    for number in loot.candidates:
        index = loot.prf.card_index(number)
        guesses = [index, *(keyed_hash(secret, card_mac_message(CONTEXT, index)) for secret in loot.secrets)]
        assert loot.fingerprint not in [card_fingerprint(guess) for guess in guesses]


def test_with_kms_each_guess_is_a_call(account: World, loot: Loot) -> None:
    """What remains possible (ADR 11): the role may ask for MACs, and CloudTrail has each."""
    ask = MacKey(account.client("kms"), account.hmac_key).generate
    account.calls.clear()
    for number in loot.candidates[:5]:
        ask(card_mac_message(CONTEXT, loot.prf.card_index(number)))
    assert account.calls == ["kms.GenerateMac"] * 5
    right = ask(card_mac_message(CONTEXT, loot.prf.card_index(CARD)))
    assert card_fingerprint(right) == loot.fingerprint


def test_no_fingerprint_opens_a_record(account: World, loot: Loot) -> None:
    """Neither it nor what it is made of is, or leads to, the key of the record."""
    ask = MacKey(account.client("kms"), account.hmac_key).generate
    index = loot.prf.card_index(CARD)
    made = [index, ask(card_mac_message(CONTEXT, index)), loot.fingerprint.encode()]
    context = RecordContext(loot.key.context, "card", loot.record["pk"]["S"].partition("#")[2])
    sealed = bytes(loot.record["value"]["B"])
    for secret in [*loot.secrets, *(derive(part, b"") for part in made), *made[:2]]:
        for key in (secret, record_key(loot.key, context, secret, b"")):
            with pytest.raises(InvalidTag):
                AESGCM(key).decrypt(sealed[:12], sealed[12:], frame("attribute", context.encode(), "value"))


def test_the_function_still_gets_no_other_call(account: World, loot: Loot, item: Item) -> None:
    """Taking in cards with fingerprints asks KMS for nothing but what deterministic types ask for."""
    account.restart()
    account.calls.clear()
    account.tokenize(item)
    assert {call for call in account.calls if call.startswith("kms.")} == {"kms.Decrypt", "kms.GenerateMac"}


def test_a_tenants_fingerprints_cannot_be_had_through_another(account: World, loot: Loot) -> None:
    """The message to KMS names tenant and vault: the same index of another tenant is another MAC."""
    ask = MacKey(account.client("kms"), account.hmac_key).generate
    index = loot.prf.card_index(CARD)
    for other in (KeyContext(policies.VAULT_ID, "clinic", "prf"), KeyContext("other-vault", "shop", "prf")):
        assert card_fingerprint(ask(card_mac_message(other, index))) != loot.fingerprint


def test_its_memory_keeps_neither_number_nor_mac(account: World, loot: Loot) -> None:
    """Nothing that is reachable from the function between requests holds them, nor the fingerprint."""
    ask = MacKey(account.client("kms"), account.hmac_key).generate
    mac = ask(card_mac_message(CONTEXT, loot.prf.card_index(CARD)))
    held_parts = [part for part in reachable(account.services["tokenize"]) if isinstance(part, str | bytes)]
    texts = [part for part in held_parts if isinstance(part, str)]
    raw = [part for part in held_parts if isinstance(part, bytes)]
    assert not [text for text in texts if CARD in text or loot.fingerprint in text]
    assert not [part for part in raw if CARD.encode() in part or mac in part]
