"""The halves of a branch key belong together, and nothing else passes for one."""

import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.crypto.context import KeyContext, frame
from chalicelib.crypto.keys import load_public_key, pack_bundle, revealing_key, unpack_bundle
from chalicelib.errors import RecordCorrupt

CONTEXT = KeyContext("vault", "shop", "0" * 32)


def der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def test_halves_that_belong_together_join() -> None:
    """A bundle and its private half make a revealing key."""
    private = ec.generate_private_key(ec.SECP256R1())
    tokenizing = unpack_bundle(CONTEXT, pack_bundle(private.public_key(), os.urandom(32)))
    assert revealing_key(tokenizing, der(private)).tokenizing is tokenizing


def test_a_swapped_half_is_refused() -> None:
    """The private half of another version is noticed before anything is opened with it."""
    private, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    tokenizing = unpack_bundle(CONTEXT, pack_bundle(private.public_key(), os.urandom(32)))
    with pytest.raises(RecordCorrupt):
        revealing_key(tokenizing, der(other))


@given(st.binary(max_size=200))
def test_no_noise_passes_for_a_bundle(noise: bytes) -> None:
    """Bytes that are no bundle are refused as corrupt, never with another error."""
    with pytest.raises(RecordCorrupt):
        unpack_bundle(CONTEXT, noise)


@pytest.mark.parametrize(
    "public",
    [ec.generate_private_key(ec.SECP384R1()).public_key(), x25519.X25519PrivateKey.generate().public_key()],
)
def test_keys_of_another_kind_are_refused(public: ec.EllipticCurvePublicKey) -> None:
    """Only P-256 keys are branch keys."""
    with pytest.raises(RecordCorrupt):
        load_public_key(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def test_subkeys_differ_by_use_and_by_owner() -> None:
    """One root gives different subkeys for signing, mixing, tenants and versions."""
    bundle = pack_bundle(ec.generate_private_key(ec.SECP256R1()).public_key(), os.urandom(32))
    contexts = [CONTEXT, KeyContext("vault", "clinic", "0" * 32), KeyContext("vault", "shop", "1" * 32)]
    keys = [unpack_bundle(context, bundle) for context in contexts]
    subkeys = [subkey for key in keys for subkey in (key.sign_subkey, key.mix_subkey)]
    assert len(set(subkeys)) == len(subkeys)


def test_reprs_show_no_key_material() -> None:
    """Printing a key shows whose it is and nothing secret."""
    root = os.urandom(32)
    key = unpack_bundle(CONTEXT, pack_bundle(ec.generate_private_key(ec.SECP256R1()).public_key(), root))
    assert key.sign_subkey.hex() not in repr(key)
    assert repr(key.sign_subkey) not in repr(key)
    assert repr(key.mix_subkey) not in repr(key)


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_framing_is_unambiguous(one: list[str], other: list[str]) -> None:
    """Two lists of parts have the same framing only if they are the same list."""
    assert (frame("label", *one) == frame("label", *other)) == (one == other)
