"""Payment card numbers (PAN) of all networks: ISO/IEC 7812-1."""

import re
from dataclasses import dataclass
from math import prod
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import Capacity, DescribesCards, FormatFacts, Options, TokenSpace
from chalicelib.formats.card_networks import WITHOUT_CHECK_DIGIT, brand, may_lack_check_digit
from chalicelib.formats.luhn import failing, passes_luhn
from chalicelib.formats.options import OptionReader
from chalicelib.formats.preserved import Limits, Preserved, read_preserved
from chalicelib.formats.shapes import DIGITS, is_digits, numbered
from chalicelib.formats.spelling import plain, refused

_SHORTEST: Final = 12
"""Maestro's numbers have 12 to 19 digits."""

_LONGEST: Final = 19
_SPELLING: Final = re.compile(r"[0-9](?:[ .-]?[0-9])*")
_LIMITS: Final = Limits(first=6, last=4, default_kept=4, first_shown=8)

_ALWAYS_REPLACED: Final = 5
"""PCI SSC FAQ 1091 lets the first six and last four digits of any card number stand, but of a 15-digit
one at least five must go. Shorter ones keep fewer first digits, so that the token space stays wide."""

_ALWAYS_STARRED: Final = 4
"""PCI DSS 4.0.1, 3.4.1 lets the BIN and the last four be shown, and numbers of 16 digits and more have BINs
of eight (PCI SSC FAQ 1492). That is a rule for showing: what tokens keep is stored and follows FAQ 1091."""

_WITH_LONG_BIN: Final = 16

_BIN_DIGITS: Final = (6, 8)

_STORED_BIN: Final = {15: 6, 16: 8, 17: 6, 18: 6, 19: 6}
"""The longest BIN that may be stored beside the last four digits, by the length of the number.

PCI SSC FAQ 1091, on truncation: six first digits and the last four at most, and eight of a number of 16. A
number under 15 digits would have fewer than five left to guess, so its BIN is not told. FAQ 1492 is about
showing, where a longer BIN may stand (`_ALWAYS_STARRED`); records hold no more than what may be stored."""

_FIRST: Final = "1234579"
"""What a token that keeps no first digit begins with. Not 0, which readers of numbers drop, and neither of
the first digits of networks whose numbers may fail the Luhn check."""


@dataclass(frozen=True)
class CardAnswers:
    """What the policy lets answers tell of a card besides its token. `bin_digits` of 0 means no BIN."""

    brand: bool = False
    bin_digits: int = 0
    fingerprint: bool = False


@dataclass(frozen=True)
class CardNumber(DescribesCards):
    """12 to 19 digits that pass the Luhn check; tokens are as many digits and fail it.

    UnionPay lets issuers give out numbers that fail the check, and by `accept_unionpay_without_luhn` these
    are values too. So no token ever begins with 62 or 81, and a UnionPay number keeps no first digits: a
    token stays apart from all real numbers. Nor does a number keep a 0 in front, which no network issues.
    PCI SSC allows the first eight of a 16-digit number to stand too, but then four digits were left to
    replace: 9,000 tokens for all the cards of an issuer that end alike. Masks may show eight.

    By `brand` and `bin_digits` answers tell the card network and the first 6 or 8 digits of the number, so
    that a page shows a logo and a router finds the issuer without a reveal. Both then stand in the record, in
    the clear. What a policy may store is not what a display may show. Storing is truncation: PCI SSC FAQ 1091
    lets eight first digits stand of a number of 16, and of no other. So of 15 digits and of over 16 the BIN
    has 6, and shorter numbers have none, whatever the policy says. Showing is masking (PCI DSS 3.4.1, FAQ
    1492): the whole BIN and the last four digits, which `mask_first` is for. A co-branded card is of the
    network whose number it has, and where several networks share first digits there is no brand.

    By `fingerprint` answers carry a keyed hash that is the same for the same number within a tenant, whatever
    the type, the mode, the subject and the Region: two tokens are known to be one card. It stands in the
    record, so a thief of the table sees which records are one card.
    """

    name: ClassVar[str] = "card_number"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="4111111111111111",
        canonical="12 to 19 digits that pass the Luhn check, without spaces, hyphens and dots",
        mask="the last 4 digits, and by `mask_first` up to 8 first ones; at least 4 are starred, of numbers "
        "under 16 digits 5",
        keeps="length; the last 4 digits (`keep_last`, 0 to 4), and by `keep_first` up to 6 first ones",
        told_apart="a token fails the Luhn check, and begins with no digits of a network without one",
    )
    kept: Preserved
    shown: Preserved
    accept_unionpay_without_luhn: bool = False
    answers: CardAnswers = CardAnswers()

    @property
    def fingerprint(self) -> bool:
        return self.answers.fingerprint

    def number(self, canonical: str) -> str:
        return canonical

    def brand(self, canonical: str) -> str | None:
        return brand(canonical) if self.answers.brand else None

    def bin(self, canonical: str) -> str | None:
        digits = min(self.answers.bin_digits, _STORED_BIN.get(len(canonical), 0))
        return canonical[:digits] or None

    def canonicalize(self, value: object) -> str:
        spelled = plain(value, 2 * _LONGEST)
        if not _SPELLING.fullmatch(spelled):
            rule = "must be digits, with at most one space, hyphen or dot between two of them"
            raise refused(spelled, f"{DIGITS} .-", rule)
        digits = re.sub("[ .-]", "", spelled)
        if not _SHORTEST <= len(digits) <= _LONGEST:
            raise InvalidValue(f"must have {_SHORTEST} to {_LONGEST} digits")
        if not (passes_luhn(digits) or (self.accept_unionpay_without_luhn and may_lack_check_digit(digits))):
            raise InvalidValue("fails the Luhn check: mistyped, or a token already")
        if not digits.strip("0"):
            raise InvalidValue("must not be zeros only")
        return digits

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        starred = _ALWAYS_STARRED if len(canonical) >= _WITH_LONG_BIN else _ALWAYS_REPLACED
        return self.shown.leaving(starred, len(canonical)).mask(canonical)

    def space(self, canonical: str) -> TokenSpace:
        kept = self._kept(canonical)
        head, tail, free = kept.head(canonical), kept.tail(canonical), kept.replaced(canonical)
        alphabets = [DIGITS if head else _FIRST] + [DIGITS] * (free - 2)

        def token_at(point: int) -> str:
            rest, choice = divmod(point, 9)
            return failing(head + numbered(rest, alphabets), choice, tail)

        return TokenSpace(9 * prod(map(len, alphabets)), token_at)

    def capacity(self) -> Capacity:
        """Which of two may have the fewest: values that keep no first digit begin with fewer others."""
        keeping = self.kept.leaving(_ALWAYS_REPLACED, _SHORTEST).replaced("0" * _SHORTEST)
        smallest = [len(_FIRST) * 10 ** (_SHORTEST - self.kept.last - 2)]
        smallest += [10 ** (keeping - 1)] if self.kept.first else []
        return Capacity(9 * min(smallest), 10**self.kept.last, self.kept.room)

    def recognizes(self, text: str) -> bool:
        if not (_SHORTEST <= len(text) <= _LONGEST and is_digits(text)):
            return False
        return not text.startswith(("0", *WITHOUT_CHECK_DIGIT)) and not passes_luhn(text)

    def _kept(self, canonical: str) -> Preserved:
        kept = self.kept.leaving(_ALWAYS_REPLACED, len(canonical))
        head = kept.head(canonical)
        apart = ("0", *WITHOUT_CHECK_DIGIT)
        # A head of 6 alone could be drawn on to 62.
        meets = any(head.startswith(digits) or digits.startswith(head) for digits in apart)
        return kept.without_first() if head and meets else kept


def build(_type_name: str, options: Options) -> CardNumber:
    """Options: `keep_first`, `keep_last`, `mask_first`, `mask_last`, `accept_unionpay_without_luhn` (false),
    `brand` (false), `bin_digits` (6 or 8), `fingerprint` (false).

    Raises `ConfigurationError`.
    """
    read = OptionReader(options)
    numbers = from_options(read)
    read.close()
    return numbers


def from_options(read: OptionReader) -> CardNumber:
    """The format of these options, of which it leaves the others to whoever closes `read`."""
    kept, shown = read_preserved(read, _LIMITS)
    without_luhn = read.flag("accept_unionpay_without_luhn", default=False)
    return CardNumber(kept, shown, without_luhn, _answers(read))


def _answers(read: OptionReader) -> CardAnswers:
    """What is told of a card, nothing where the policy does not say."""
    return CardAnswers(
        read.flag("brand", default=False),
        read.whole("bin_digits", 0, _BIN_DIGITS),
        read.flag("fingerprint", default=False),
    )
