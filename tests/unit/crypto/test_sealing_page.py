"""`docs/sealing.md` is all there is to sealing: a second implementation, written from that page, agrees.

The vectors are known answers. They never change: a record that is sealed must open for ever.
"""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.crypto.context import KeyContext, RecordContext
from chalicelib.crypto.keys import RevealingKey, pack_bundle, unpack_bundle
from chalicelib.crypto.record_cipher import (
    open_item,
    parse_sealed,
    seal_item,
    seal_item_of_request,
    verify_item,
)
from chalicelib.crypto.request_secret import RecordSeal, RequestSecret
from chalicelib.errors import RecordCorrupt
from chalicelib.kernel_random import fill_from_kernel
from chalicelib.model import SubjectSecret, TokenRecord
from chalicelib.sensitive import Sensitive
from chalicelib.vault.records import RecordSealer
from chalicelib.vault.short_lived import SHORT_LIVED, short_lived_id
from tests.support import sealing_page
from tests.support.sealing_page import BranchKey, Chosen, Item

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "sealing.json").read_text())
RECORDS = [pytest.param(case, id=case["name"]) for case in VECTORS["records"]]
KEY = VECTORS["branch_key"]
SEALS = {1: sealing_page.seal_1, 2: sealing_page.seal_2}


def scalar(number: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(number, 16), ec.SECP256R1())


PAGE = BranchKey(
    KEY["vault_id"], KEY["tenant"], KEY["key_id"], bytes.fromhex(KEY["root"]), scalar(KEY["private_scalar"])
)


def product(page: BranchKey) -> RevealingKey:
    """The same branch key, as the product holds it."""
    context = KeyContext(page.vault_id, page.tenant, page.key_id)
    return RevealingKey(
        unpack_bundle(context, pack_bundle(page.private.public_key(), page.root)), page.private
    )


def context_of(page: BranchKey, item: Item) -> RecordContext:
    token = item["pk"]["S"].partition("#")[2]
    secret_id = item.get("subject_secret", {"S": ""})["S"]
    return RecordContext(product(page).tokenizing.context, item["type"]["S"], token, secret_id)


def item_of(written: Item) -> Item:
    """An item of the vectors: its bytes stand there in hex."""
    return {
        name: {"B": bytes.fromhex(value["B"])} if "B" in value else value for name, value in written.items()
    }


def chosen(case: dict[str, Any]) -> Chosen:
    given = case["chosen"]
    raw = {name: bytes.fromhex(given[name]) for name in ("secret", "n", "r", "nonce") if name in given}
    return Chosen(ephemeral=scalar(given["ephemeral_scalar"]), **raw)


@pytest.mark.parametrize("case", RECORDS)
def test_the_page_makes_the_vectors(case: dict[str, Any]) -> None:
    """The second implementation seals to these very bytes, given what is random, and opens them."""
    stored, secret = item_of(case["stored"]), bytes.fromhex(case["subject_secret"])
    assert SEALS[case["form"]](PAGE, item_of(case["item"]), secret, chosen(case)) == stored
    assert sealing_page.open_record(PAGE, stored, secret) == case["item"]["value"]["S"]


@pytest.mark.parametrize("case", RECORDS)
def test_the_product_opens_the_vectors(case: dict[str, Any]) -> None:
    """Records of both forms that were sealed on the day of the page open, and verify without opening."""
    stored, item = item_of(case["stored"]), item_of(case["item"])
    sealed, key, context = parse_sealed(stored), product(PAGE), context_of(PAGE, item)
    assert isinstance(sealed.seal, RecordSeal) == (case["form"] == 2)
    assert open_item(sealed, key, context, bytes.fromhex(case["subject_secret"])) == item
    assert verify_item(sealed, key.tokenizing, context) == {n: v for n, v in item.items() if n != "value"}


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@st.composite
def items(draw: st.DrawFn) -> tuple[Item, bytes]:
    """A record before sealing, with every type of attribute that records have, and a subject's secret."""
    item: Item = {
        "pk": {"S": f"shop#{draw(TEXT)}"},
        "sk": {"S": "record"},
        "v": {"N": "1"},
        "type": {"S": draw(TEXT)},
        "created": {"N": str(draw(st.integers(0, 2**40)))},
        "value": {"S": draw(TEXT)},
        "fingerprint": {"B": draw(st.binary(max_size=32))},
        "metadata": {"M": {name: {"S": text} for name, text in draw(st.dictionaries(TEXT, TEXT)).items()}},
    }
    if not draw(st.booleans()):
        return item, b""
    return item | {"subject": {"S": "shop#s"}, "subject_secret": {"S": draw(st.text("abc"))}}, bytes(
        range(32)
    )


@settings(max_examples=60)
@given(items())
def test_each_opens_what_the_other_sealed(made: tuple[Item, bytes]) -> None:
    """Records of the product open by the page, and records made by the page open in the product."""
    item, secret = made
    key = product(PAGE)
    context = context_of(PAGE, item)
    if not context.secret_id:
        secret = b""
    request = RequestSecret(key.tokenizing, fill_from_kernel, os.urandom)
    ours = [
        seal_item(item, key.tokenizing, context, os.urandom, secret),
        seal_item_of_request(item, request, context, os.urandom, secret),
    ]
    assert [sealing_page.open_record(PAGE, each, secret) for each in ours] == [item["value"]["S"]] * 2
    theirs = [seal(PAGE, item, secret, Chosen()) for seal in SEALS.values()]
    assert [open_item(parse_sealed(each), key, context, secret) for each in theirs] == [item] * 2


def short_lived(subject: SubjectSecret | None) -> TokenRecord:
    """A record of a value that may not be kept."""
    own = SubjectSecret(SHORT_LIVED, short_lived_id(1500, "a"), Sensitive(bytes(range(32, 64))))
    return TokenRecord(PAGE.tenant, "t", "cvc", Sensitive("123"), 1, 1400, secret=subject, short_lived=own)


@pytest.mark.parametrize("per_request", [False, True])
@pytest.mark.parametrize(
    ("subject", "secret"),
    [
        (None, bytes(range(32, 64))),
        (
            SubjectSecret("p", "b", Sensitive(bytes(range(32)))),
            sealing_page.joined(bytes(range(32)), bytes(range(32, 64))),
        ),
    ],
    ids=["nobody's", "a subject's"],
)
def test_a_record_with_a_short_lived_secret_opens_by_the_page(
    per_request: bool, subject: SubjectSecret | None, secret: bytes
) -> None:
    """With its secret, or with both as the page joins them, in either form; and with no other."""
    key = product(PAGE).tokenizing
    with RecordSealer(key, fill_from_kernel, os.urandom, per_request=per_request) as sealer:
        item = sealer.seal(short_lived(subject))
    assert sealing_page.open_record(PAGE, item, secret) == "123"
    with pytest.raises(InvalidTag):
        sealing_page.open_record(PAGE, item, bytes(range(32)))


ITEM: Item = {
    "pk": {"S": "shop#t"},
    "sk": {"S": "record"},
    "v": {"N": "1"},
    "type": {"S": "text"},
    "created": {"N": "1"},
    "value": {"S": "x"},
}


def forms() -> list[Item]:
    return [seal(PAGE, ITEM, b"", Chosen()) for seal in SEALS.values()]


def test_no_form_is_read_as_the_other() -> None:
    """A record with the marks of both forms, of none, or of a form that does not exist, is corrupt."""
    old, new = forms()
    fixed = {"key": PAGE.key_id}
    both = sealing_page.description(fixed | {"sealed": "AAAA"})
    without, other = {n: v for n, v in new.items() if n != "sealed"}, bytes(new["sealed"]["B"])
    changed = [
        {**new, "*amzn-ddb-map-desc*": {"B": both}},
        {**old, "sealed": new["sealed"]},
        {**old, "*amzn-ddb-map-desc*": new["*amzn-ddb-map-desc*"]},
        {**new, "*amzn-ddb-map-desc*": old["*amzn-ddb-map-desc*"]},
        {**without, "*amzn-ddb-map-desc*": old["*amzn-ddb-map-desc*"]},
        without,
        *({**new, "sealed": {"B": bytes([form]) + other[1:]}} for form in (0, 1, 3, 255)),
        *({**new, "sealed": {"B": raw}} for raw in (b"", b"\2", other[:-1], other + b"\0", other[1:])),
        *({**new, "sealed": attribute} for attribute in ({"S": "x"}, {"NULL": True}, {"L": []}, {"M": {}})),
    ]
    key, context = product(PAGE), context_of(PAGE, ITEM)
    for item in changed:
        with pytest.raises(RecordCorrupt):
            open_item(parse_sealed(item), key, context)
        with pytest.raises(RecordCorrupt):
            verify_item(parse_sealed(item), key.tokenizing, context)


def test_the_same_ephemeral_key_under_another_n_is_another_cipher() -> None:
    """A cloned generator of OpenSSL would repeat the ephemeral key, never the AES-GCM key and nonce: those
    hang on `n`, from the kernel. Under the same `n` they would be the same, which the control shows."""
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    shared = ephemeral.exchange(ec.ECDH(), PAGE.private.public_key())
    encapsulated = sealing_page.point(ephemeral.public_key())
    receiver = sealing_page.point(PAGE.private.public_key())

    def ciphers(n: bytes) -> tuple[bytes, bytes]:
        return sealing_page.schedule(shared, encapsulated, receiver, PAGE.request_info(n))

    assert ciphers(bytes(16)) == ciphers(bytes(16))
    assert not set(ciphers(bytes(16))) & set(ciphers(bytes(15) + b"\1"))
    original = Chosen(ephemeral=ephemeral)
    cloned = replace(original, secret=os.urandom(32), n=os.urandom(16), r=os.urandom(16))
    key, context = product(PAGE), context_of(PAGE, ITEM)
    for choice in (original, cloned):
        assert open_item(parse_sealed(sealing_page.seal_2(PAGE, ITEM, b"", choice)), key, context) == ITEM
