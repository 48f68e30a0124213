"""A stored item opens whole, under its own context, with the private half, or not at all."""

import os
from dataclasses import replace
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from dynamodb_encryption_sdk.delegated_keys.jce import JceNameLocalDelegatedKey
from dynamodb_encryption_sdk.identifiers import EncryptionKeyType, KeyEncodingType
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.crypto.context import KeyContext, RecordContext
from chalicelib.crypto.materials import SIGNING_ALGORITHM, RecordSigningKey
from chalicelib.crypto.record_cipher import (
    DESCRIPTION,
    SIGNATURE,
    open_item,
    parse_sealed,
    seal_item,
    verify_item,
)
from chalicelib.errors import RecordCorrupt
from tests.support.keys import branch_key

KEY = branch_key()
CONTEXT = RecordContext(KEY.tokenizing.context, "card_number", "9999")
PLAIN: dict[str, Any] = {
    "pk": {"S": "shop#9999"},
    "sk": {"S": "record"},
    "v": {"N": "1"},
    "type": {"S": "card_number"},
    "created": {"N": "1732400000"},
    "value": {"S": "4111111111111111"},
}


def sealed() -> dict[str, Any]:
    return seal_item(PLAIN, KEY.tokenizing, CONTEXT, os.urandom)


def opens(item: dict[str, Any], context: RecordContext = CONTEXT) -> bool:
    """Whether it opens; any error but `RecordCorrupt` fails the test."""
    try:
        return open_item(parse_sealed(item), KEY, context) == PLAIN
    except RecordCorrupt:
        return False


def verifies(item: dict[str, Any]) -> bool:
    try:
        verify_item(parse_sealed(item), KEY.tokenizing, CONTEXT)
    except RecordCorrupt:
        return False
    return True


@given(st.text())
def test_what_is_sealed_opens(value: str) -> None:
    """Any text comes back, and does not stand in the sealed item."""
    plain = {**PLAIN, "value": {"S": value}}
    item = seal_item(plain, KEY.tokenizing, CONTEXT, os.urandom)
    assert open_item(parse_sealed(item), KEY, CONTEXT) == plain
    assert isinstance(item["value"]["B"], bytes)


def test_only_the_value_is_closed() -> None:
    """Attributes that queries need stay readable; the value does not."""
    item = sealed()
    assert {name: item[name] for name in PLAIN if name != "value"} == {
        name: value for name, value in PLAIN.items() if name != "value"
    }
    assert b"4111" not in repr(item).encode()


def test_the_same_value_never_seals_twice_to_the_same_bytes() -> None:
    """Data key, nonce and encapsulation are fresh for each record."""
    first, second = sealed(), sealed()
    assert all(first[name] != second[name] for name in ("value", DESCRIPTION, SIGNATURE))


def test_facts_verify_without_opening() -> None:
    """The tokenizing half checks a signature and sees the signed attributes, never the value."""
    assert set(verify_item(parse_sealed(sealed()), KEY.tokenizing, CONTEXT)) == set(PLAIN) - {"value"}


def test_no_flipped_bit_opens_or_verifies() -> None:
    """Each bit of each attribute counts, also of the library's own."""
    item = sealed()
    for name, attribute in item.items():
        [(kind, content)] = attribute.items()
        raw = bytes(content) if kind == "B" else content.encode()
        for position in range(len(raw)):
            for bit in (0x01, 0x80) if kind == "B" else (0x01,):
                changed = bytearray(raw)
                changed[position] ^= bit
                text = bytes(changed) if kind == "B" else changed.decode()
                forged = {**item, name: {kind: text}}
                assert not opens(forged), (name, position)
                assert not verifies(forged), (name, position)


def test_no_truncated_or_lengthened_attribute_opens() -> None:
    """Cutting a byte off or adding one is noticed."""
    item = sealed()
    for name in ("value", DESCRIPTION, SIGNATURE):
        raw = bytes(item[name]["B"])
        for changed in (b"", raw[:-1], raw[1:], raw + b"\0", b"\0" + raw):
            assert not opens({**item, name: {"B": changed}})


def test_no_attribute_can_be_added_removed_or_retyped() -> None:
    """The set of attributes and their types are signed."""
    item = sealed()
    assert not opens({**item, "extra": {"S": "x"}})
    for name, attribute in item.items():
        assert not opens({other: value for other, value in item.items() if other != name})
        [content] = attribute.values()
        for retyped in ({"S": str(content)}, {"BOOL": True}, {"NULL": True}, {"L": []}, {"M": {}}, {}):
            if retyped != attribute:
                assert not opens({**item, name: retyped}), (name, retyped)


@pytest.mark.parametrize(
    "context",
    [
        replace(CONTEXT, token="9998"),
        replace(CONTEXT, type="text"),
        replace(CONTEXT, key=KeyContext("test-vault", "clinic", "0" * 32)),
        replace(CONTEXT, key=KeyContext("other-vault", "shop", "0" * 32)),
        replace(CONTEXT, key=KeyContext("test-vault", "shop", "1" * 32)),
        # The same letters, split otherwise between tenant and key id.
        replace(CONTEXT, key=KeyContext("test-vault", "shop0", "0" * 31)),
    ],
)
def test_a_record_opens_under_its_own_context_only(context: RecordContext) -> None:
    """Another vault, tenant, type, token or key id refuses it."""
    assert not opens(sealed(), context)


def test_attributes_of_two_records_do_not_mix() -> None:
    """An attribute taken from another record of the same context is refused."""
    one, other = sealed(), sealed()
    for name in ("value", DESCRIPTION, SIGNATURE):
        assert not opens({**one, name: other[name]})
    assert not opens({**one, SIGNATURE: other[SIGNATURE], DESCRIPTION: other[DESCRIPTION]})


def test_another_private_half_opens_nothing() -> None:
    """Symmetric keys alone do not open a record: the private half must be the right one."""
    stranger = replace(KEY, private_key=branch_key().private_key)
    with pytest.raises(RecordCorrupt):
        open_item(parse_sealed(sealed()), stranger, CONTEXT)


def test_the_private_half_alone_opens_nothing() -> None:
    """A break of the key exchange alone does not do: the mix subkey goes into the record key."""
    item = sealed()
    guessing = replace(KEY, tokenizing=replace(KEY.tokenizing, mix_subkey=bytes(32)))
    with pytest.raises(RecordCorrupt):
        open_item(parse_sealed(item), guessing, CONTEXT)


@given(st.binary(max_size=200))
def test_any_bytes_as_description_are_refused(noise: bytes) -> None:
    """Whatever stands as material description, the answer is `record_corrupt`."""
    item = {**sealed(), DESCRIPTION: {"B": noise}}
    assert not opens(item)
    with pytest.raises(RecordCorrupt):
        parse_sealed(item)


def test_errors_quote_nothing() -> None:
    """The error of a forged item holds none of it, also not as its cause."""
    with pytest.raises(RecordCorrupt) as caught:
        open_item(parse_sealed({**sealed(), "pk": {"S": "canary-4111111111111111"}}), KEY, CONTEXT)
    assert "4111" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@given(key=st.binary(min_size=32, max_size=32), data=st.binary(max_size=200))
def test_records_are_signed_as_the_library_signs(key: bytes, data: bytes) -> None:
    """Our key and the library's for the same algorithm make, and take, the same signatures."""
    ours = RecordSigningKey(key)
    theirs = JceNameLocalDelegatedKey(
        key=key,
        algorithm=SIGNING_ALGORITHM,
        key_type=EncryptionKeyType.SYMMETRIC,
        key_encoding=KeyEncodingType.RAW,
    )
    signature = ours.sign(SIGNING_ALGORITHM, data)
    assert signature == theirs.sign(SIGNING_ALGORITHM, data)
    assert ours.signing_algorithm() == theirs.signing_algorithm()
    ours.verify(SIGNING_ALGORITHM, signature, data)
    with pytest.raises(InvalidSignature):
        ours.verify(SIGNING_ALGORITHM, bytes(32), data)
