"""No part of a record can be changed, moved or replayed, and none unverified meets the private key."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, cast

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chalicelib.crypto.context import KeyContext, RecordContext, frame
from chalicelib.crypto.keys import RevealingKey, TokenizingKey, derive
from chalicelib.crypto.record_cipher import (
    DESCRIPTION,
    SEAL,
    SIGNATURE,
    open_item,
    parse_sealed,
    seal_item,
    seal_item_of_request,
    verify_item,
)
from chalicelib.crypto.request_secret import OpenedSecrets, RecordSeal, RequestSecret, signing_key_and_veil
from chalicelib.errors import RecordCorrupt
from chalicelib.kernel_random import fill_from_kernel
from tests.support import sealing_page
from tests.support.keys import branch_key

Item = dict[str, Any]
SUBJECT_SECRET = bytes(range(32))


class Counted:
    """A revealing key that counts how often its private half is asked for."""

    def __init__(self, key: RevealingKey) -> None:
        self.tokenizing, self._private, self.uses = key.tokenizing, key.private_key, 0

    @property
    def private_key(self) -> ec.EllipticCurvePrivateKey:
        self.uses += 1
        return self._private


@dataclass(frozen=True)
class Sealed:
    """A record, and what opens it."""

    item: Item
    context: RecordContext
    key: RevealingKey
    secret: bytes = b""

    def opened(self, item: Item, key: RevealingKey | None = None, known: OpenedSecrets | None = None) -> Item:
        """Another item in the place of this."""
        return open_item(parse_sealed(item), key or self.key, self.context, self.secret, known)


def request(key: RevealingKey) -> RequestSecret:
    return RequestSecret(key.tokenizing, fill_from_kernel, os.urandom)


def sealed(
    key: RevealingKey, secret: RequestSecret, type_name: str = "text", token: str = "t1", subject: str = ""
) -> Sealed:
    context = RecordContext(key.tokenizing.context, type_name, token, subject)
    item: Item = {
        "pk": {"S": f"{key.tokenizing.context.tenant}#{token}"},
        "sk": {"S": "record"},
        "type": {"S": type_name},
        "value": {"S": os.urandom(4).hex()},
    }
    if subject:
        item["subject_secret"] = {"S": subject}
    of_subject = SUBJECT_SECRET if subject else b""
    return Sealed(
        seal_item_of_request(item, secret, context, os.urandom, of_subject), context, key, of_subject
    )


KEY = branch_key()
REQUEST = request(KEY)
RECORD = sealed(KEY, REQUEST)


def neighbours() -> dict[str, Sealed]:
    """Records that differ from `RECORD` in one respect each."""
    version = branch_key(key_id="1" * 32)
    tenant, vault = branch_key(tenant="clinic"), branch_key(vault_id="other-vault")
    # The same keys under another context: only the labels keep these apart.
    twin = replace(
        KEY, tokenizing=replace(KEY.tokenizing, context=KeyContext("other-vault", "shop", "0" * 32))
    )
    return {
        "the same token, again in the same request": sealed(KEY, REQUEST),
        "another token of the request": sealed(KEY, REQUEST, token="t2"),
        "another type in the request": sealed(KEY, REQUEST, type_name="card"),
        "a subject's, in the request": sealed(KEY, REQUEST, subject="s1"),
        "another subject's": sealed(KEY, REQUEST, subject="s2"),
        "the same token in another request": sealed(KEY, request(KEY)),
        "another token of another request": sealed(KEY, request(KEY), token="t2"),
        "another version": sealed(version, request(version)),
        "another tenant": sealed(tenant, request(tenant)),
        "another vault": sealed(vault, request(vault)),
        "another vault with the same keys": sealed(twin, request(twin)),
    }


NEIGHBOURS = neighbours()
PARTS = ("r", "encapsulation", "value", SIGNATURE, DESCRIPTION, "type", "subject_secret")


def swapped(item: Item, other: Item, parts: Sequence[str]) -> Item:
    """The item with these parts of another."""
    made, (mine, theirs) = dict(item), (RecordSeal.parse(bytes(each[SEAL]["B"])) for each in (item, other))
    mixed = RecordSeal(
        theirs.salt if "r" in parts else mine.salt,
        theirs.veiled if "encapsulation" in parts else mine.veiled,
    )
    made[SEAL] = {"B": mixed.encode()}
    for name in set(parts) - {"r", "encapsulation"}:
        made.pop(name, None)
        if name in other:
            made[name] = other[name]
    return made


def warm(*records: Sealed) -> OpenedSecrets:
    """What a call holds that opened these."""
    known = OpenedSecrets()
    for each in records:
        each.opened(each.item, known=known)
    return known


def cold_and_warm(*records: Sealed) -> Iterator[OpenedSecrets]:
    yield OpenedSecrets()
    yield warm(*records)


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_no_swap_of_parts_opens(name: str) -> None:
    """Every set of parts, taken from any other record, is refused, in a cold call and in one that has opened
    both. A whole record of the very same context opens, as itself: that is a replay, which ADR 1 names."""
    for mine, other in ((RECORD, NEIGHBOURS[name]), (NEIGHBOURS[name], RECORD)):
        for known in cold_and_warm(mine, other):
            for size in range(1, len(PARTS) + 1):
                for parts in combinations(PARTS, size):
                    made = swapped(mine.item, other.item, parts)
                    if made == mine.item or (made == other.item and mine.context == other.context):
                        continue
                    with pytest.raises(RecordCorrupt):
                        mine.opened(made, known=known)


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_no_record_opens_in_anothers_place(name: str) -> None:
    """A record opens under its own context and key only, even if the keys are the same."""
    other = NEIGHBOURS[name]
    if other.context == RECORD.context:
        return
    for known in cold_and_warm(RECORD, other):
        with pytest.raises(RecordCorrupt):
            RECORD.opened(other.item, known=known)
        with pytest.raises(RecordCorrupt):
            other.opened(RECORD.item, known=known)


def flips(item: Item) -> Iterator[Item]:
    """The item with one byte changed, each byte of each attribute once."""
    for name, attribute in item.items():
        [(kind, content)] = attribute.items()
        raw = bytes(content) if kind == "B" else content.encode()
        for place in range(len(raw)):
            changed = bytearray(raw)
            changed[place] ^= 1
            yield {**item, name: {kind: bytes(changed) if kind == "B" else changed.decode()}}


@pytest.mark.parametrize("form", [1, 2])
def test_no_flipped_byte_opens_or_meets_the_private_key(form: int) -> None:
    """Each byte counts, cold and warm; the private half is not used on any record that does not verify."""
    record = RECORD if form == 2 else old(RECORD)
    counted = Counted(KEY)
    key = cast(RevealingKey, counted)
    for known in cold_and_warm(RECORD):
        for forged in flips(record.item):
            with pytest.raises(RecordCorrupt):
                record.opened(forged, key, known)
            with pytest.raises(RecordCorrupt):
                verify_item(parse_sealed(forged), KEY.tokenizing, record.context)
    assert counted.uses == 0
    record.opened(record.item, key)
    assert counted.uses == 1


def old(record: Sealed) -> Sealed:
    """The same as a record of form 1."""
    plain = record.opened(record.item)
    return replace(record, item=seal_item(plain, record.key.tokenizing, record.context, os.urandom))


def test_the_private_key_sees_no_other_length_or_form() -> None:
    """If `sealed` is of another length or form, even rightly signed, the private half is not used."""
    counted = Counted(KEY)
    raw = bytes(RECORD.item[SEAL]["B"])
    for changed in (b"", raw[:-1], raw + b"\0", b"\1" + raw[1:], b"\3" + raw[1:]):
        forged = resigned({**RECORD.item, SEAL: {"B": changed}}, RECORD.context, KEY.tokenizing, raw[1:17])
        with pytest.raises(RecordCorrupt):
            RECORD.opened(forged, cast(RevealingKey, counted))
    assert counted.uses == 0


def test_records_of_a_request_cost_one_use_of_the_private_key() -> None:
    """In one call; the next call opens anew, since nothing outlives a call."""
    counted = Counted(KEY)
    key, records = cast(RevealingKey, counted), [sealed(KEY, REQUEST, token=f"t{n}") for n in range(10)]
    for calls in (1, 2):
        known = OpenedSecrets()
        for each in records:
            each.opened(each.item, key, known)
        assert counted.uses == calls


# --- an insider, who holds the sign and mix subkeys ---


def resigned(item: Item, context: RecordContext, key: TokenizingKey, salt: bytes) -> Item:
    """The item, signed as the product would sign it."""
    signing, _ = signing_key_and_veil(key, context, salt)
    return {**item, SIGNATURE: {"B": sealing_page.signature(signing, key.context.vault_id, item)}}


def encapsulation(record: Sealed) -> bytes:
    """Under the veil, which the insider can take off."""
    seal = RecordSeal.parse(bytes(record.item[SEAL]["B"]))
    return sealing_page.xor(seal.veiled, signing_key_and_veil(KEY.tokenizing, record.context, seal.salt)[1])


def forged(item: Item, context: RecordContext, sealed_secret: bytes, salt: bytes) -> Item:
    """The item with an encapsulation and an `r` of the insider's choice, rightly veiled and signed."""
    _, veil = signing_key_and_veil(KEY.tokenizing, context, salt)
    seal = RecordSeal(salt, sealing_page.xor(sealed_secret, veil))
    return resigned({**item, SEAL: {"B": seal.encode()}}, context, KEY.tokenizing, salt)


def test_an_insider_opens_nothing_by_signing_again() -> None:
    """With the right signature, an encapsulation swapped for that of another request, replayed under another
    `r`, moved to another token, or of the insider's own making, the old value does not open."""
    other = NEIGHBOURS["the same token in another request"]
    own = b"n" * 16 + sealing_page.hpke(
        KEY.tokenizing.public_key,
        frame("request-secret", "test-vault", "shop", "0" * 32, b"n" * 16),
        b"known to insider".ljust(32),
        ec.generate_private_key(ec.SECP256R1()),
    )
    mine, salt = encapsulation(RECORD), bytes(RECORD.item[SEAL]["B"])[1:17]
    assert forged(RECORD.item, RECORD.context, mine, salt) == RECORD.item, "the insider signs rightly"
    moved = replace(RECORD.context, token="t2")
    attempts = [
        *((RECORD.context, sealed_secret, salt) for sealed_secret in (encapsulation(other), own)),
        *((RECORD.context, sealed_secret, os.urandom(16)) for sealed_secret in (mine, own)),
        *((moved, sealed_secret, salt) for sealed_secret in (mine, own, encapsulation(other))),
        (replace(RECORD.context, type="card"), mine, salt),
    ]
    for known in cold_and_warm(RECORD, other):
        for context, sealed_secret, chosen in attempts:
            item = {**RECORD.item, "pk": {"S": f"shop#{context.token}"}, "type": {"S": context.type}}
            made = forged(item, context, sealed_secret, chosen)
            verify_item(parse_sealed(made), KEY.tokenizing, context)
            with pytest.raises(RecordCorrupt):
                open_item(parse_sealed(made), KEY, context, b"", known)


# --- an erased subject ---


def test_without_the_subjects_secret_nothing_opens() -> None:
    """The request's secret, the mix subkey and the private half together do not open an erased subject's
    record, in whatever way they are joined."""
    record = NEIGHBOURS["a subject's, in the request"]
    assert record.opened(record.item)["value"]
    for known in cold_and_warm(record):
        for guess in (b"", bytes(32), os.urandom(32), KEY.tokenizing.mix_subkey):
            with pytest.raises(RecordCorrupt):
                open_item(parse_sealed(record.item), KEY, record.context, guess, known)
    seal, value = RecordSeal.parse(bytes(record.item[SEAL]["B"])), bytes(record.item["value"]["B"])
    inside = encapsulation(record)
    secret = sealing_page.hpke_open(
        KEY.private_key, frame("request-secret", "test-vault", "shop", "0" * 32, inside[:16]), inside[16:]
    )
    bound = frame("attribute", record.context.encode(), "value")
    info = frame("request-record-key", record.context.encode(), inside, seal.salt)
    right = derive(secret + KEY.tokenizing.mix_subkey + SUBJECT_SECRET, info)
    assert AESGCM(right).decrypt(value[:12], value[12:], bound)
    for joined in (
        secret,
        secret + KEY.tokenizing.mix_subkey,
        secret + KEY.tokenizing.mix_subkey + bytes(32),
    ):
        for key in (secret, derive(joined, info)):
            with pytest.raises(InvalidTag):
                AESGCM(key).decrypt(value[:12], value[12:], bound)
