"""How the format `phone` and libphonenumber, by its Python port phonenumbers, disagree."""

import re
from typing import Final

from chalicelib.formats import phone_renumbering
from tests.support.compared import spelled
from tests.support.compared.kind import Difference, Kind

_LONDON: Final = "+442079460000"
"""Of Ofcom's numbers for drama."""


def _is_renumbered(it: Difference) -> bool:
    digits = spelled.ascii_digits(it.value)
    return any(
        phone_renumbering.renumbered(digits[:length], digits[length:]) is not None for length in (1, 2, 3)
    )


def _bracketed(it: Difference) -> bool:
    return "(0)" in it.value


KINDS: Final = (
    Kind(
        "Extensions",
        Difference("tel:+442079460000;ext=12", None, _LONDON, respelled=True),
        "tokenvault",
        "an extension is no part of a number (ITU-T E.164; RFC 3966, 5.3 keeps it apart): without it the "
        "lines of a company become one value",
        lambda it: it.only_theirs and "ext" in it.value,
    ),
    Kind(
        "Letters for digits",
        Difference("+44 20 7946 0ABC", None, "+442079460222", respelled=True),
        "tokenvault",
        "ITU-T E.164 has numbers of digits only, and RFC 3966, 5.1.2 leaves letters for digits out; which "
        "key has which letter (ITU-T E.161) hangs on the country",
        lambda it: it.only_theirs and re.search("[A-Za-z]", it.value) is not None,
    ),
    Kind(
        "Digits of two scripts in one number",
        Difference("+44207946000\u0660", None, _LONDON, respelled=True),
        "tokenvault",
        "UTS 39, 5.3 (mixed-number detection): digits of two scripts that look alike may differ",
        lambda it: it.only_theirs and spelled.mixes_digits(it.value),
    ),
    Kind(
        "Numbers that were replaced",
        Difference("+5215512345678", "+525512345678", None, respelled=True),
        "tokenvault",
        "the decisions of the regulators that `chalicelib/formats/phone_renumbering.py` names; "
        "libphonenumber knows some of these numbers no more",
        lambda it: it.only_ours and _is_renumbered(it),
    ),
    Kind(
        "A zero for a trunk prefix, where the country has none",
        Difference("+45 (0)32123456", "+4532123456", None, respelled=True),
        "both",
        "ITU-T E.123 has no prefix in the international notation; who writes one means the number without it",
        lambda it: it.only_ours and it.respelled and spelled.ascii_digits(it.value) != (it.ours or "")[1:],
    ),
    Kind(
        "Tabs and signs without width between digits",
        Difference("+44\t20 7946 0000", _LONDON, None, respelled=True),
        "both",
        "ITU-T E.123 separates by spaces; what copying from a table adds has no other meaning",
        lambda it: it.only_ours and it.respelled,
    ),
    Kind(
        "A hyphen before the plus",
        Difference("-+442079460000", None, _LONDON, respelled=True),
        "both",
        "ITU-T E.123 begins with the plus; libphonenumber drops what stands before it, tokenvault asks",
        lambda it: it.only_theirs and it.respelled and it.value.startswith("-"),
    ),
    Kind(
        "Numbers of ranges that are not in use, by libphonenumber's tables",
        Difference("+441632960000", "+441632960000", None),
        "both",
        "ITU-T E.164 leaves ranges to the countries, which open new ones every week: what is refused "
        "today may be somebody's number before the next release. The example is of Ofcom's numbers for "
        "drama",
        lambda it: it.only_ours and not it.respelled,
    ),
    Kind(
        "A zero in brackets that is a digit of another number",
        Difference("+247 (0)62322", "+24762322", "+247062322"),
        "tokenvault",
        "ITU-T E.123: what stands in brackets is not dialled from abroad",
        lambda it: it.both and _bracketed(it),
    ),
)
