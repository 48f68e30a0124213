"""Ids of subjects: which are taken, and which are only looked up."""

import re
from typing import Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.card_detector import looks_like_card

SUBJECT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
"""They stand in URLs and tables as they are."""


def new_subject(subject: str) -> str:
    """The id of a subject under which a value is taken in. Raises `InvalidValue`.

    It is the application's own id of the person and never a personal fact: what looks like a card number
    or an e-mail address is refused.
    """
    known_subject(subject)
    if looks_like_card(subject):
        raise InvalidValue(
            "subject: looks like a card number; use an id that says nothing of the person, "
            "or put a letter before its digits"
        )
    return subject


def known_subject(subject: str) -> str:
    """The id of a subject that may be known already, to erase or to search. Raises `InvalidValue`.

    What looks like a card number changes from version to version. No subject must become unreachable by that,
    so only the characters are checked.
    """
    if not SUBJECT.fullmatch(subject):
        raise InvalidValue("subject: 1 to 64 letters, digits and . _ : -, beginning with a letter or digit")
    return subject
