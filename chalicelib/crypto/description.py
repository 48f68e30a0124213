"""The material description of a record, which the encryption library writes beside the signed attributes.

The library does not sign it, and would read more spellings than it writes. So it is read here, and believed
in the library's own spelling only: four zero bytes, then each name and each text behind its length in four
bytes, big-endian, sorted by name (release 3.3.0, `internal/formatting/material_description.py`). Pure.
"""

import re
from typing import Final

from chalicelib.errors import RecordCorrupt

# The library writes these two by itself. It has no name for our GCM key, so the stored mode says
# CBC; `GcmAttributeKey` never runs it, and the entry is compared, not believed.
FIXED_ENTRIES: Final = {
    "amzn-ddb-map-signingAlg": "HmacSHA256",
    "amzn-ddb-map-sym-mode": "/CBC/PKCS5Padding",
}
_VERSION: Final = bytes(4)
_KEY_ID: Final = re.compile(r"[0-9a-f]{32}")


def parse_description(raw: bytes) -> tuple[str, str | None]:
    """The key id that a description names, and the sealed data key of a record of form 1.

    Raises `RecordCorrupt` for every other entry and every other spelling.
    """
    entries = _entries(raw)
    key_id, sealed = entries.pop("key", ""), entries.pop("sealed", None)
    if entries != FIXED_ENTRIES or not _KEY_ID.fullmatch(key_id):
        raise RecordCorrupt("a record's material description has other entries than it should")
    if encode_description(key_id, sealed) != raw:
        raise RecordCorrupt("a record's material description is not spelled as the library spells it")
    return key_id, sealed


def encode_description(key_id: str, sealed: str | None) -> bytes:
    """A description in the library's spelling."""
    own = {"key": key_id} if sealed is None else {"key": key_id, "sealed": sealed}
    entries = sorted((FIXED_ENTRIES | own).items())
    return _VERSION + b"".join([_sized(text) for entry in entries for text in entry])


def _sized(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(4, "big") + raw


def _entries(raw: bytes) -> dict[str, str]:
    """Names and texts, whatever they are; cut short if a length leads past the end."""
    texts, place = list[str](), len(_VERSION)
    try:
        while place < len(raw):
            begin = place + 4
            place = begin + int.from_bytes(raw[place:begin], "big")
            texts.append(raw[begin:place].decode())
        return dict(zip(texts[::2], texts[1::2], strict=True))
    except ValueError:
        raise RecordCorrupt("a record's material description does not parse") from None
