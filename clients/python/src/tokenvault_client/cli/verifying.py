"""The commands that check what the vault has signed. They call nobody and need no credentials."""

import argparse
from typing import Any

from tokenvault_client import encoding
from tokenvault_client.cli import printing
from tokenvault_client.cli.exits import Exit, UsageError
from tokenvault_client.cli.session import Session
from tokenvault_client.errors import VerificationError
from tokenvault_client.parsing import load_json

_MOST_BYTES = 64 * 1024
"""A receipt has about one kilobyte, a public key less."""


def receipt(session: Session, chosen: argparse.Namespace) -> Exit:
    """Whether an erasure receipt is the vault's own."""
    try:
        from tokenvault_client import receipts  # noqa: PLC0415  # needs an extra that other commands do not
    except ImportError as missing:
        raise UsageError(str(missing)) from None
    with session.reading(chosen.public_key, "--public-key") as file:
        key = _unmarked(file.read(_MOST_BYTES))
    with session.reading(chosen.receipt, "RECEIPT") as file:
        jws, claims = _jws(_unmarked(file.read(_MOST_BYTES)))
    signed = receipts.verify(jws, key, chosen.key_id)
    if claims is not None and claims != signed.claims:
        raise VerificationError("the receipt beside the signature is not the one that was signed")
    fields = {"valid": True, "receipt": dict(signed.claims)}
    session.result(fields, f"valid\n{printing.receipt_text(signed.receipt)}")
    return Exit.OK


def _unmarked(content: bytes) -> bytes:
    try:
        return encoding.without_mark(content)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _jws(content: bytes) -> tuple[str, Any]:
    """The JWS, and the readable receipt beside it if the file is what `erase subject --json` printed."""
    try:
        text = content.decode("ascii").strip()
        if not text.startswith("{"):
            return text, None
        answer = load_json(text)
        return str(answer["jws"]), answer.get("receipt")
    except (ValueError, KeyError):
        raise VerificationError("this is neither a JWS nor what `erase subject --json` prints") from None
