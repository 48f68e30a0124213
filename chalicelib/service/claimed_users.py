"""Whom a client says that it asks for: its own word, which nobody can verify here."""

import re
from typing import Final

from chalicelib.errors import InvalidRequest
from chalicelib.formats.card_detector import looks_like_card

CLAIMED_USER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@|+-]{0,127}")
"""User names, employee numbers, e-mail addresses and subjects of identity providers, in as many characters as
a user name of Cognito has. They stand in the audit trail as they are."""

_POINTER: Final = "/on_behalf_of"


def claimed_user(text: str) -> str:
    """The text, if it may stand in the audit trail for good. Raises `InvalidRequest`."""
    if not CLAIMED_USER.fullmatch(text):
        rule = "1 to 128 letters, digits and . _ : @ | + -, beginning with a letter or digit"
        raise InvalidRequest(f"on_behalf_of: {rule}", _POINTER)
    if looks_like_card(text):
        raise InvalidRequest(
            "on_behalf_of: looks like a card number; put a letter before its digits", _POINTER
        )
    return text
