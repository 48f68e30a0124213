"""The 3 or 4 digits that prove a card to be at hand: CVV2, CVC2, CID, CAV2, CVN2.

Sensitive authentication data. PCI DSS 4.0.1, requirement 3.3.1: not stored after authorization, even if
encrypted. So a token lives 40 minutes at most: long enough to hand it to a payment service provider. And as
with every format that has a longest time limit, its record needs a short-lived secret, which is destroyed
within 20 minutes more, so that an hour after it came in no copy opens (ADR 9).
https://www.pcisecuritystandards.org/document_library/
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from chalicelib.formats.base import FormatFacts, Options
from chalicelib.formats.opaque import Opaque, OpaqueTokens
from chalicelib.formats.options import no_options
from chalicelib.formats.shapes import DIGITS, is_digits
from chalicelib.formats.spelling import plain, refused

_LENGTHS: Final = (3, 4)


@dataclass(frozen=True)
class CardVerificationCode(Opaque):
    """3 or 4 digits, never kept and never shown.

    Only random types take a time limit, so a policy that makes this type deterministic is refused: among
    11,000 values, tokens that show which are equal would tell too much anyway. When its time is up nobody
    reads a code, and within 20 minutes the maintenance function destroys the secret that it was sealed with,
    which no backup has: an hour after it came in, at most, no copy of its record opens, in backups and
    point-in-time recovery either. ADR 9 has the alarm for a run that is late, and what a second Region keeps
    for a day. The record, which nobody can open, is removed later, as every expired one.
    """

    name: ClassVar[str] = "card_verification_code"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="123",
        canonical="3 or 4 digits",
        mask="constant; hides even the length",
        keeps="nothing",
        told_apart="a token begins with the type's name and `_`, and ends with a checksum",
        longest_ttl_seconds=2400,
    )

    def canonicalize(self, value: object) -> str:
        digits = plain(value, max(_LENGTHS))
        if not (len(digits) in _LENGTHS and is_digits(digits)):
            raise refused(digits, DIGITS, "must be 3 or 4 digits")
        return digits


def build(type_name: str, options: Options) -> CardVerificationCode:
    """Tokens begin with the type's name; no options. Raises `ConfigurationError`."""
    no_options(options)
    return CardVerificationCode(OpaqueTokens(f"{type_name}_"))
