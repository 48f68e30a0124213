"""Cursors of exports: what this vault gave, for this export, in this Region, and nothing else."""

import hashlib
import hmac
from typing import Any, cast

import pytest

from chalicelib.errors import InvalidRequest, RecordCorrupt
from chalicelib.service.export_cursors import ExportCursors, Progress
from chalicelib.vault.keyring import RevealingKeyring, TokenizingKeyring

NONE = cast(Any, None)
AT = Progress(b"d" * 32, chunks=3, tokens=250, failed=1, segment=7)


def sign(message: bytes) -> bytes:
    return hmac.digest(b"the vault's", message, hashlib.sha256)


def verify(message: bytes, signature: bytes) -> None:
    if not hmac.compare_digest(sign(message), signature):
        raise RecordCorrupt("a signature is not one of the vault's")


def cursors(region: str = "us-east-1") -> ExportCursors:
    """Between two segments, where there is no place to seal and so no key is asked for."""
    keys = cast(TokenizingKeyring, NONE), cast(RevealingKeyring, NONE)
    return ExportCursors(
        region=region, sign=sign, verify=verify, newest=keys[0], keys=keys[1], random_bytes=bytes
    )


def test_what_was_written_is_read() -> None:
    """All of it, by the opening that it was written for."""
    assert cursors().read("shop", "opening", cursors().write("shop", "opening", AT)) == AT


def test_another_opening_and_another_region() -> None:
    """A cursor goes on with its own export, where that was begun: each Region walks its own table."""
    cursor = cursors().write("shop", "opening", AT)
    with pytest.raises(InvalidRequest, match="another export"):
        cursors().read("shop", "other", cursor)
    with pytest.raises(InvalidRequest, match="another Region"):
        cursors("eu-central-1").read("shop", "opening", cursor)


@pytest.mark.parametrize("at", range(0, 200, 7))
def test_a_changed_cursor(at: int) -> None:
    """Any other text is refused, and not quoted."""
    cursor = cursors().write("shop", "opening", AT)
    changed = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
    with pytest.raises(InvalidRequest) as refused:
        cursors().read("shop", "opening", changed)
    assert changed not in str(refused.value)
