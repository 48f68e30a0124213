"""PRF keys, the seeds of requests and the secrets of subjects open no stored record either.

The tokenizing function came to hold these with deterministic types, idempotent requests and subjects. Each
test gives an attacker all of them, as the role can have them, beside what `test_write_path_cannot_read` does.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_der_private_key

from chalicelib.crypto.context import (
    BRANCH_KEY_PURPOSE,
    BUNDLE_PURPOSE,
    PRF_PURPOSE,
    KeyContext,
    RecordContext,
    frame,
)
from chalicelib.crypto.keys import RevealingKey, TokenizingKey, derive
from chalicelib.crypto.kms import Kek
from chalicelib.crypto.materials import record_key
from chalicelib.crypto.prf import PrfKey
from chalicelib.crypto.record_cipher import open_item, parse_sealed
from chalicelib.errors import RecordCorrupt, TokenvaultError
from chalicelib.vault.key_items import parse_tenant_keys
from chalicelib.vault.key_table import KeyTable
from chalicelib.vault.keyring import PrfKeyring, TokenizingKeyring
from tests.support import policies
from tests.support.answers import tokens
from tests.support.faults import client_error
from tests.support.values import of_a_subject
from tests.support.world import World, world

Item = dict[str, Any]
RECORD = {"number": "4111111111111111", "expiry": "2027-12", "holder": "Ada"}
ITEMS: list[Item] = [*of_a_subject(1), {"type": "card", "value": RECORD, "subject": "person-1"}]
CANONICAL = [*(item["value"] for item in of_a_subject(1)), json.dumps(RECORD, separators=(",", ":"))]


@dataclass(frozen=True)
class Loot:
    """Everything that the function, its role and its memory come to hold after one request."""

    records: list[Item]
    key: TokenizingKey
    prf: PrfKey
    prf_root: bytes
    seeds: list[bytes]
    secrets: dict[str, bytes]

    def context(self, record: Item, secret_id: str | None = None) -> RecordContext:
        named = record["subject_secret"]["S"] if secret_id is None else secret_id
        token = record["pk"]["S"].partition("#")[2]
        return RecordContext(self.key.context, record["type"]["S"], token, named)

    @property
    def material(self) -> list[bytes]:
        """Every secret of 32 bytes, as it is and as every label of ours would derive another from it."""
        held = [self.prf_root, self.prf.index_subkey, self.prf.request_subkey, self.prf.card_subkey]
        held += [self.key.sign_subkey, self.key.mix_subkey, *self.seeds, *self.secrets.values()]
        held += [bytes(record["fingerprint"]["B"]) for record in self.records if "fingerprint" in record]
        return held + [derive(secret, b"") for secret in held]


@pytest.fixture
def account() -> Iterator[World]:
    known_card = {"format": "card", "mode": "deterministic", "options": {"fingerprint": True}}
    with world(policies.document({**policies.TYPES, "card": known_card})) as made:
        yield made


@pytest.fixture
def loot(account: World) -> Iterator[Loot]:
    """Taken with the tokenizing role's permissions: KMS denies it the vault KEK and the receipt key."""
    made = tokens(account.tokenize(*ITEMS, idempotency_key="k" * 22))
    allowed = (account.index_kek, account.hmac_key)

    def deny(name: str, parameters: Item) -> Exception | None:
        denied = name.startswith("kms.") and parameters.get("KeyId") not in allowed
        return client_error("AccessDeniedException", 400) if denied else None

    account.fault = deny
    unwrap, store = Kek(account.client("kms"), account.index_kek).unwrap, KeyTable(account.dynamodb, "keys")
    keys = TokenizingKeyring(
        vault_id=policies.VAULT_ID, store=store, unwrap_bundle=unwrap, cache_seconds=60, clock=time.time
    )
    rings = PrfKeyring(
        vault_id=policies.VAULT_ID, store=store, unwrap=unwrap, cache_seconds=60, clock=time.time
    )
    records = [account.stored(token) for token in made]
    wrapped = store.tenant_keys("shop").prf_keys[1]
    subjects = [item for item in account.items("subjects") if "secret" in item]
    yield Loot(
        records=records,
        key=keys.key("shop", parse_sealed(records[0]).key_id),
        prf=rings.key("shop"),
        prf_root=unwrap(wrapped.wrapped, rings.context("shop").for_kms(PRF_PURPOSE)),
        seeds=[bytes(item["seed"]["B"]) for item in account.items("idempotency")],
        secrets={item["sk"]["S"].partition("#")[2]: bytes(item["secret"]["B"]) for item in subjects},
    )
    account.fault = None


def test_the_loot_is_real(account: World, loot: Loot) -> None:
    """It is what the function works with, and with the private half beside it the records do open."""
    assert (len(loot.records), len(loot.seeds), len(loot.secrets)) == (5, 1, 1)
    assert loot.prf == PrfKey.of(KeyContext(policies.VAULT_ID, "shop", "prf"), loot.prf_root)
    account.fault = None
    [version] = parse_tenant_keys(i for i in account.items("keys") if i["pk"]["S"] == "shop").versions
    context = KeyContext(policies.VAULT_ID, "shop", version.key_id).for_kms(BRANCH_KEY_PURPOSE)
    private_der = Kek(account.kms, account.vault_kek).unwrap(version.wrapped_private, context)
    private = load_der_private_key(private_der, None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    for record, canonical in zip(loot.records, CANONICAL, strict=True):
        opened = open_item(
            parse_sealed(record),
            RevealingKey(loot.key, private),
            loot.context(record),
            *loot.secrets.values(),
        )
        assert opened["value"] == {"S": canonical}


def test_no_secret_of_a_subject_opens_a_record(loot: Loot) -> None:
    """With the right secret, and any private half that can be made of what is held."""
    [secret] = loot.secrets.values()
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    privates = [
        ec.derive_private_key(int.from_bytes(secret, "big") % order, ec.SECP256R1())
        for secret in loot.material
    ]
    for record, private in product(loot.records, privates):
        with pytest.raises(RecordCorrupt):
            open_item(parse_sealed(record), RevealingKey(loot.key, private), loot.context(record), secret)


def test_no_key_that_is_held_is_a_records_key(loot: Loot) -> None:
    """Neither as it is, nor in the place of the data key that only the private half unseals."""
    for record, secret_bytes in product(loot.records, loot.material):
        context = loot.context(record)
        sealed = bytes(record["value"]["B"])
        for secret_id, secret in (("", b""), *loot.secrets.items()):
            other = replace(context, secret_id=secret_id)
            for key in (secret_bytes, record_key(loot.key, other, secret_bytes, secret)):
                for bound in (context, other):
                    with pytest.raises(InvalidTag):
                        AESGCM(key).decrypt(sealed[:12], sealed[12:], _bound(bound))


def _bound(context: RecordContext) -> bytes:
    return frame("attribute", context.encode(), "value")


def test_kms_gives_its_role_no_more(account: World, loot: Loot) -> None:
    """The index KEK opens bundles and PRF keys for their own context, and nothing else of the keys table."""
    index, vault = (Kek(account.client("kms"), arn) for arn in (account.index_kek, account.vault_kek))
    [version] = parse_tenant_keys(i for i in account.items("keys") if i["pk"]["S"] == "shop").versions
    purposes = (BRANCH_KEY_PURPOSE, BUNDLE_PURPOSE, PRF_PURPOSE)
    for kek, purpose, key_id in product((index, vault), purposes, (version.key_id, "prf")):
        context = KeyContext(policies.VAULT_ID, "shop", key_id).for_kms(purpose)
        with pytest.raises(TokenvaultError):
            kek.unwrap(version.wrapped_private, context)


def test_nothing_that_is_held_says_the_value(loot: Loot) -> None:
    """The fingerprint and the mark in a record are no shorter way to the value than guessing it."""
    for record, canonical in zip(loot.records, CANONICAL, strict=True):
        raw = repr({name: part for name, part in record.items() if name != "pk"})
        assert not [part for part in (canonical, *RECORD.values()) if part in raw]
