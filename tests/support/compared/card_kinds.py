"""How the format `card_number` and card-validator disagree."""

import re
from typing import Final

from chalicelib.formats.card_networks import WITHOUT_CHECK_DIGIT, is_issued
from tests.support.compared import spelled
from tests.support.compared.kind import Difference, Kind

_VISA: Final = "4111111111111111"
"""The networks' own test number."""

KINDS: Final = (
    Kind(
        "Digits of another script, or full-width",
        Difference("４１１１ １１１１ １１１１ １１１１", _VISA, None, respelled=True),
        "both",
        "ISO/IEC 7812-1 has 0-9 only; read as input, RFC 8264, 5.2.1 and UAX 44 leave no doubt",
        lambda it: it.only_ours and it.respelled and spelled.has_other_digits(it.value),
    ),
    Kind(
        "Signs without width",
        Difference("4111\u200b1111\u200b1111\u200b1111", _VISA, None, respelled=True),
        "both",
        "what copying adds has no meaning (UAX 44, category Cf)",
        lambda it: it.only_ours and it.respelled and spelled.has_hidden_signs(it.value),
    ),
    Kind(
        "Dots and dashes between digits",
        Difference("4111.1111.1111.1111", _VISA, None, respelled=True),
        "both",
        "ISO/IEC 7812-1 has no separators; card-validator takes spaces and hyphens, tokenvault these, too",
        lambda it: it.only_ours and it.respelled,
    ),
    Kind(
        "First digits and lengths that a network issues and card-validator does not know",
        Difference("4222222222222", "4222222222222", None),
        "tokenvault",
        "ISO/IEC 7812-1: up to 19 digits and a check digit; Visa's numbers of 13 digits, Uzcard, Humo, "
        "Napas, RuPay and others are in the public rules that `chalicelib/formats/card_networks.py` names",
        lambda it: it.only_ours and is_issued(it.ours or ""),
    ),
    Kind(
        "First digits and lengths of no known network",
        Difference("750000000000002", "750000000000002", None),
        "both",
        "ISO/IEC 7812-1 gives out issuer numbers that no list has; a vault that refused a card would lose "
        "it, a checkout may ask for networks that it can charge",
        lambda it: it.only_ours,
    ),
    Kind(
        "UnionPay numbers that fail the Luhn check",
        Difference("6200000000000006", None, "6200000000000006"),
        "both",
        "ISO/IEC 7812-1, annex B asks for the check digit, and UnionPay leaves it to issuers; "
        "`accept_unionpay_without_luhn` takes them",
        lambda it: it.only_theirs and (it.theirs or "").startswith(WITHOUT_CHECK_DIGIT) and not it.respelled,
    ),
    Kind(
        "Hyphens side by side or at an end",
        Difference("4111--1111-1111-1111", None, _VISA, respelled=True),
        "both",
        "no standard has them; where a part is missing or a sign is a minus, something else was meant",
        lambda it: it.only_theirs and it.respelled and re.search("--|^-|-$", it.value) is not None,
    ),
)
