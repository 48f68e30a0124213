"""Cards as records: the number, and with it, where they are known, the expiry and the holder's name."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import (
    Capacity,
    DescribesCards,
    Field,
    FormatFacts,
    HasFields,
    Options,
    TokenSpace,
)
from chalicelib.formats.card_expiry import HIDDEN_EXPIRY, canonical_expiry
from chalicelib.formats.card_holder import canonical_holder, initials
from chalicelib.formats.card_number import CardNumber, from_options
from chalicelib.formats.options import OptionReader
from chalicelib.formats.shapes import HIDDEN

_FIELDS: Final[tuple[Field, ...]] = ("number", "expiry", "holder")


@dataclass(frozen=True)
class Card(DescribesCards, HasFields):
    """An object with a `number` and, if they are known, an `expiry` and a `holder`; null is like absent.

    The number is one of `card_number`, with its options, and the token is that of such a number. Brand, BIN
    and fingerprint are of the number alone: one card with two expiries, or under two types, has one
    fingerprint. A deterministic token is of the whole card: with another expiry or holder, or without one, it
    is another card with another token, and a search finds the token of exactly these fields.

    These three may be stored if there is a need (PCI DSS 4.0.1, 3.2.1 and the table of account data); a
    verification code or a track may not, even encrypted (3.3.1). So no other field is taken. By `fields` a
    detokenize reveals some of them and leaves out the rest, and the policy can hold a client to some: whoever
    renews subscriptions may see the expiry and never the number.

    A mask has the fields that the card has. By `mask_expiry` it shows the expiry, by `mask_initials` the
    first letter of each of the holder's names.
    """

    name: ClassVar[str] = "card"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example='{"number":"4111111111111111","expiry":"2027-12","holder":"Ada Lovelace"}',
        canonical="fields in this order, no spaces; the number as of `card_number`; the expiry, `MM/YY`, "
        "`MM/YYYY` or `YYYY-MM`, as `YYYY-MM` of 2000 to 2099; the holder, at most 64 characters, in NFC, "
        "one space between words and full-width letters as the usual ones",
        mask="an object: the number as of `card_number`; the expiry and the holder starred, lengths hidden, "
        "unless `mask_expiry` or `mask_initials` is true",
        keeps="of the number what `card_number` keeps; nothing of the expiry and the holder",
        told_apart="a token is no object, and no number of a card: it fails the Luhn check",
    )
    fields: ClassVar[tuple[Field, ...]] = _FIELDS
    numbers: CardNumber
    mask_expiry: bool = False
    mask_initials: bool = False

    @property
    def fingerprint(self) -> bool:
        return self.numbers.fingerprint

    def number(self, canonical: str) -> str:
        return _read(canonical)["number"]

    def brand(self, canonical: str) -> str | None:
        return self.numbers.brand(self.number(canonical))

    def bin(self, canonical: str) -> str | None:
        return self.numbers.bin(self.number(canonical))

    def canonicalize(self, value: object) -> str:
        given = _given(value)
        ways: dict[Field, Callable[[object], str]] = {
            "number": self.numbers.canonicalize,
            "expiry": canonical_expiry,
            "holder": canonical_holder,
        }
        spelled = {field: _spelled(field, ways[field], given[field]) for field in _FIELDS if field in given}
        return json.dumps(spelled, separators=(",", ":"), ensure_ascii=False)

    def present(self, canonical: str) -> object:
        return _read(canonical)

    def select(self, canonical: str, fields: Collection[Field]) -> dict[Field, str]:
        return {field: text for field, text in _read(canonical).items() if field in fields}

    def mask(self, canonical: str) -> dict[Field, str]:
        ways: dict[Field, Callable[[str], str]] = {
            "number": self.numbers.mask,
            "expiry": lambda expiry: expiry if self.mask_expiry else HIDDEN_EXPIRY,
            "holder": lambda holder: initials(holder) if self.mask_initials else HIDDEN,
        }
        return {field: ways[field](text) for field, text in _read(canonical).items()}

    def space(self, canonical: str) -> TokenSpace:
        return self.numbers.space(self.number(canonical))

    def capacity(self) -> Capacity:
        return self.numbers.capacity()

    def recognizes(self, text: str) -> bool:
        return self.numbers.recognizes(text)


def build(_type_name: str, options: Options) -> Card:
    """Options: all of `card_number`, and `mask_expiry` (false), `mask_initials` (false).

    Raises `ConfigurationError`.
    """
    read = OptionReader(options)
    numbers = from_options(read)
    mask_expiry = read.flag("mask_expiry", default=False)
    mask_initials = read.flag("mask_initials", default=False)
    read.close()
    return Card(numbers, mask_expiry, mask_initials)


def _given(value: object) -> Mapping[str, object]:
    """The fields that have something in them. An unknown name may be a secret itself, and is not repeated."""
    if not isinstance(value, dict):
        raise InvalidValue("must be an object with a number and, if they are known, an expiry and a holder")
    if not set(value) <= set(_FIELDS):
        raise InvalidValue(
            "has a field that is none of number, expiry and holder; what proves a card to be at hand, as a "
            "verification code does, is never stored with it (PCI DSS 4.0.1, 3.3.1)"
        )
    given = {field: text for field, text in value.items() if text is not None}
    if "number" not in given:
        raise InvalidValue("number: is needed")
    return given


def _spelled(field: Field, canonicalize: Callable[[object], str], value: object) -> str:
    try:
        return canonicalize(value)
    except InvalidValue as error:
        raise InvalidValue(f"{field}: {error.detail}") from None


def _read(canonical: str) -> dict[Field, str]:
    """A card from its canonical form. A text from when the policy had the type as another format is none."""
    try:
        card = json.loads(canonical)
    except (ValueError, RecursionError):
        card = None  # The errors would quote it.
    if not (isinstance(card, dict) and "number" in card and set(card) <= set(_FIELDS)):
        raise InvalidValue("must be a card")
    if not all(isinstance(text, str) for text in card.values()):
        raise InvalidValue("must be a card")
    return card
