"""The running digest of an export file, and what its lines hold. None of this needs a key."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from tokenvault_client.parsing import load_json

VERSION: Final = 1
VERSION_IN_PARTS: Final = 2
_OPENING: Final = b"tokenvault-export-1 opening\n"
_OPENING_OF_A_PART: Final = b"tokenvault-export-2 opening\n"


def first_digest(opening: str, part: int | None = None) -> bytes:
    """The digest that the chain begins with: of the whole, or of a part."""
    if part is None:
        return hashlib.sha256(_OPENING + opening.encode()).digest()
    return hashlib.sha256(_OPENING_OF_A_PART + part.to_bytes(8, "big") + opening.encode()).digest()


def next_digest(digest: bytes, sealed: bytes) -> bytes:
    """The digest behind a chunk."""
    return hashlib.sha256(digest + sealed).digest()


def first_line(opening: str, part: int | None = None) -> bytes:
    """The line that a file begins with: of the whole, or of a part."""
    if part is None:
        return _line({"tokenvault_export": VERSION, "opening": opening})
    return _line({"tokenvault_export": VERSION_IN_PARTS, "opening": opening, "part": part})


def chunk_line(number: int, sealed: bytes, *, last: bool) -> bytes:
    """The line of a chunk."""
    ends = {"last": True} if last else {}
    return _line({"chunk": number, "sealed": base64.b64encode(sealed).decode(), **ends})


def receipt_line(receipt: str) -> bytes:
    """The line that a file ends with."""
    return _line({"receipt": receipt})


def read_line(raw: bytes) -> Mapping[str, Any]:
    """The object that a line holds. Raises `ValueError` if the line is cut, or holds none."""
    if not raw.endswith(b"\n"):
        raise ValueError("a line is cut")
    parsed = load_json(raw)
    return _object(parsed, "a line is no object")


def sealed_of(line: Mapping[str, Any]) -> bytes:
    """The sealed bytes of a chunk's line. Raises `ValueError`."""
    try:
        return base64.b64decode(line["sealed"], validate=True)
    except (KeyError, TypeError, binascii.Error):
        raise ValueError("a chunk is not in base64") from None


def claims(jws: str) -> Mapping[str, Any]:
    """What a JWS says, unverified. Raises `ValueError` if the text is not a JWS."""
    try:
        encoded = jws.split(".")[1]
        parsed = load_json(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (IndexError, binascii.Error):
        raise ValueError("what should be signed is no JWS") from None
    return _object(parsed, "what is signed is no object")


def _object(parsed: Any, otherwise: str) -> Mapping[str, Any]:
    if isinstance(parsed, dict):
        return parsed
    raise ValueError(otherwise)


def _line(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields).encode() + b"\n"
