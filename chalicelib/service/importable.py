"""Which texts may come as tokens from elsewhere. A token stands in tables, logs and paths in the clear.

So none may be a card number (PCI DSS 4.0.1, 3.5.1), none a value, and none look like a token of our own: with
two exceptions that the policy makes by name, for a type.
"""

import re
from collections.abc import Iterator
from typing import Final

from chalicelib.auth.policy import Policy
from chalicelib.errors import InvalidValue
from chalicelib.formats.base import OPAQUE_BITS, TokenFormat
from chalicelib.formats.card_detector import looks_like_card
from chalicelib.formats.imported import ImportedTokens
from chalicelib.formats.luhn import passes_luhn
from chalicelib.formats.opaque import Opaque
from chalicelib.formats.shapes import is_digits
from chalicelib.model import InfoType

_CARD_LENGTHS: Final = range(12, 20)
_SIGNS: Final = re.compile("[-._~]")


def imported_token(policy: Policy, info_type: InfoType, token: str) -> str:
    """The token, if a value of the type may be stored under it. Raises `InvalidValue`, never quoting it."""
    if info_type.imported is None:
        raise InvalidValue("type: the policy lets no tokens be imported for it (imported_tokens)")
    for problem in _problems(policy, info_type, info_type.imported, token):
        raise InvalidValue(f"token: {problem}")
    return token


def is_importable(policy: Policy, text: str) -> bool:
    """Whether a text could be an imported token of some type of the policy."""
    return any(
        each.imported is not None and not any(_problems(policy, each, each.imported, text))
        for each in policy.types.values()
    )


def _problems(policy: Policy, info_type: InfoType, allowed: ImportedTokens, token: str) -> Iterator[str]:
    if not allowed.fit(token):
        yield "has not the pattern that the policy gives for imported tokens of this type"
    elif _may_be_card(token):
        yield "passes for a card number, which never stands in the clear"
    elif any(_never_ends(each.format) and each.format.recognizes(token) for each in policy.types.values()):
        yield "looks like an opaque token of this vault, and may be an expired one's"
    elif not allowed.own_shape and any(each.format.recognizes(token) for each in policy.types.values()):
        yield "looks like a token of this vault, which the policy does not allow (own_shape)"
    elif not allowed.values and any(_is_value(each, info_type, token) for each in policy.types.values()):
        yield "is a valid value of an information type, which the policy does not allow (values)"


def _may_be_card(token: str) -> bool:
    """Stricter than where texts of people are screened: a digit string that passes the check is refused
    whichever network it is of, since networks that are new would be missed."""
    digits = _SIGNS.sub("", token)
    passes = is_digits(digits) and len(digits) in _CARD_LENGTHS and passes_luhn(digits)
    return passes or looks_like_card(token)


def _never_ends(token_format: TokenFormat) -> bool:
    """Whether DynamoDB removes expired records of such tokens, so that nothing tells of them any more."""
    return token_format.capacity().tokens >= 1 << OPAQUE_BITS


def _is_value(other: InfoType, info_type: InfoType, token: str) -> bool:
    """Whether a text is a value of a type; not asked of other types that take nearly any text."""
    if other.name != info_type.name and isinstance(other.format, Opaque):
        return False
    try:
        other.format.canonicalize(token)
    except InvalidValue:
        return False
    return True
