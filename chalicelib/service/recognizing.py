"""Which texts are tokens, by their form alone: what may be repeated although nothing was looked up."""

from collections.abc import Iterable

from chalicelib.auth.policy import Policy
from chalicelib.errors import InvalidValue
from chalicelib.formats.base import TokenFormat
from chalicelib.formats.card_detector import looks_like_card


def has_token_form(policy: Policy, text: str) -> bool:
    """Whether a type of the policy recognizes a text as one of its tokens.

    A number that one type takes for a token may be another's value, sent to the wrong place: in the clear, in
    a table and for good, no card number may stand (PCI DSS 4.0.1, 3.5.1).
    """
    return not looks_like_card(text) and any(each.format.recognizes(text) for each in policy.types.values())


def certain_tokens(policy: Policy, texts: Iterable[str]) -> tuple[str, ...]:
    """Those of the texts that can be nothing but tokens, each once, in order."""
    return tuple(text for text in dict.fromkeys(texts) if _is_token_only(policy, text))


def _is_token_only(policy: Policy, text: str) -> bool:
    """Whether a text has the form of a token, and no type of the policy takes it as a value.

    A format promises that none of its tokens is a value of it, and cannot promise it for other types: digits
    that fail one check are an account number elsewhere. Types that take any text are left out, since by them
    everything is a value.
    """
    if not has_token_form(policy, text):
        return False
    shaped = (each.format for each in policy.types.values() if not each.format.facts.takes_any_text)
    return not any(_is_value(token_format, text) for token_format in shaped)


def _is_value(token_format: TokenFormat, text: str) -> bool:
    try:
        token_format.canonicalize(text)
    except InvalidValue:
        return False
    return True
