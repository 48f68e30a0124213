"""What we use and rely on of the encryption library is what ADR 8 lists, and the library still does it."""

import ast
import hashlib
import inspect
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dynamodb_encryption_sdk.encrypted import item as library_items
from dynamodb_encryption_sdk.internal.crypto import authentication
from dynamodb_encryption_sdk.internal.formatting.material_description import deserialize, serialize
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.crypto.attribute_key import LazyAttributeKey
from chalicelib.crypto.context import RecordContext
from chalicelib.crypto.description import FIXED_ENTRIES, encode_description, parse_description
from chalicelib.crypto.record_cipher import DESCRIPTION, open_item, parse_sealed, seal_item
from chalicelib.errors import RecordCorrupt
from tests.support.keys import branch_key

ROOT = Path(__file__).resolve().parents[3]
ADR = ROOT / "docs/adr/0008-sealing-per-request.md"
LIBRARY = "dynamodb_encryption_sdk"

RELIED_ON: dict[str, tuple[Callable[..., Any], str]] = {
    # What it is called, itself, and the SHA-256 of its source as we read it.
    "internal.crypto.authentication.verify_item_signature": (
        authentication.verify_item_signature,
        "03aa22e8b997f63a8111ab75b45821b051ab8b539b1268b7b3f4eb3f95d50e7a",
    ),
    "encrypted.item.encrypt_dynamodb_item": (
        library_items.encrypt_dynamodb_item,
        "7d18242bb8839f7c5336269f5776e9e192de20f20ea287ccbf9dbca9818674a6",
    ),
    "encrypted.item.decrypt_dynamodb_item": (
        library_items.decrypt_dynamodb_item,
        "87f0d8cdf98ad6fce9367480a712fee9e58395f06222918f847476533a1c3039",
    ),
}


def imported() -> set[str]:
    """Everything that our sources import of the library, in full."""
    found = set()
    for source in (ROOT / "chalicelib").rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(LIBRARY):
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names if alias.name.startswith(LIBRARY)}
    return {name.removeprefix(f"{LIBRARY}.") for name in found}


def test_the_private_parts_that_we_use_are_those_of_the_adr() -> None:
    """Nothing of the library's `internal` package is used that the table in ADR 8 does not name."""
    section = ADR.read_text().split("## The encryption library's private parts")[1].split("\n## ")[0]
    listed = set(re.findall(r"^\| `([\w.]+)`", section, re.MULTILINE))
    assert {name for name in imported() if "internal" in name.split(".")} == {
        name for name in listed if name.startswith("internal.")
    }
    assert listed == set(RELIED_ON)


@pytest.mark.parametrize("name", RELIED_ON)
def test_the_library_is_as_we_read_it(name: str) -> None:
    """Each function whose inside we rely on is, letter by letter, the one that was reviewed.

    If this fails, read what changed against the table in ADR 8 before the new digest is put here.
    """
    function, digest = RELIED_ON[name]
    assert hashlib.sha256(inspect.getsource(function).encode()).hexdigest() == digest


KEY = branch_key()
CONTEXT = RecordContext(KEY.tokenizing.context, "text", "t")
ITEM: dict[str, Any] = {"pk": {"S": "shop#t"}, "sk": {"S": "record"}, "value": {"S": "v"}}


def test_the_library_decrypts_only_after_it_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks the delegated key to decrypt once the signature held, and never if it did not."""
    decrypted: list[str] = []
    decrypt = LazyAttributeKey.decrypt

    def noted(key: LazyAttributeKey, algorithm: str, name: str, *rest: Any, **more: Any) -> bytes:
        decrypted.append(name)
        return decrypt(key, algorithm, name, *rest, **more)

    monkeypatch.setattr(LazyAttributeKey, "decrypt", noted)
    sealed = seal_item(ITEM, KEY.tokenizing, CONTEXT, os.urandom)
    with pytest.raises(RecordCorrupt):
        open_item(parse_sealed({**sealed, "sk": {"S": "other"}}), KEY, CONTEXT)
    assert decrypted == []
    assert open_item(parse_sealed(sealed), KEY, CONTEXT) == ITEM
    assert decrypted == ["value"]


HEX = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(HEX, st.none() | st.text(st.characters(exclude_categories=["Cs"])))
def test_descriptions_are_spelled_as_the_library_spells_them(key_id: str, sealed: str | None) -> None:
    """What it writes we read, and what we would write is the same bytes."""
    own = {"key": key_id} if sealed is None else {"key": key_id, "sealed": sealed}
    theirs = bytes(serialize(FIXED_ENTRIES | own)["B"])
    assert encode_description(key_id, sealed) == theirs
    assert parse_description(theirs) == (key_id, sealed)


@given(
    st.binary(max_size=120)
    | st.lists(st.binary(max_size=12), max_size=8).map(
        lambda parts: bytes(4) + b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    )
)
def test_noise_is_no_description(noise: bytes) -> None:
    """Whatever else stands there is `record_corrupt`, and no other error."""
    with pytest.raises(RecordCorrupt):
        parse_description(noise)


def test_other_spellings_and_entries_are_refused() -> None:
    """One more entry, one fewer, another order, another version, a length past the end, a name twice."""
    right = encode_description("0" * 32, None)
    assert parse_description(right) == ("0" * 32, None)
    entry = b"\0\0\0\3key\0\0\0\x20" + b"0" * 32
    for other in (right + b"\0", right[:-1], b"\1" + right[1:], right + entry, right[4:], bytes(4) + entry):
        with pytest.raises(RecordCorrupt):
            parse_description(other)
    for key_id in ("", "0" * 31, "0" * 33, "G" * 32, "０" * 32, "0" * 32 + "\n"):
        with pytest.raises(RecordCorrupt):
            parse_description(encode_description(key_id, None))


def test_the_description_that_the_library_wrote_is_the_one_that_we_read() -> None:
    """An item sealed by the library has exactly the entries that a reader expects, no more."""
    sealed = seal_item(ITEM, KEY.tokenizing, CONTEXT, os.urandom)
    entries = deserialize(sealed[DESCRIPTION])
    assert set(entries) == {"key", "sealed", *FIXED_ENTRIES}
