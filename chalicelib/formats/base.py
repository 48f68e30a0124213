"""What every token format offers.

A format turns a value into its canonical form, and numbers the tokens that may stand for a
canonical value: its token space. Drawing (random types) and deriving (deterministic types) both
pick a point of that space, so a format holds neither randomness nor keys.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal, Protocol, get_args

OPAQUE_BITS = 128
"""A space of at least this many bits needs no check whether a drawn token is taken: after 2**40
tokens the chance that any two ever met is 2**-49."""

Field = Literal["number", "expiry", "holder"]
"""The fields of values that are objects, of all formats that have such."""
FIELDS: Final[tuple[Field, ...]] = get_args(Field)


@dataclass(frozen=True)
class TokenSpace:
    """The tokens that may stand for one canonical value, numbered 0 .. size - 1.

    `token_at` is injective: two points are two tokens. What a token keeps of the value (the last
    four digits, say) is part of the space, so two values may have different spaces.
    """

    size: int
    token_at: Callable[[int], str] = field(repr=False)

    @property
    def opaque(self) -> bool:
        """Whether drawn tokens never meet, so that writing one needs no condition."""
        return self.size >= 1 << OPAQUE_BITS


KEEP_LESS: Final = "let it keep less of the value"
"""What makes room where tokens keep something of their values."""


@dataclass(frozen=True)
class Capacity:
    """How much place a format has, with the policy's options, whatever values come.

    `tokens` is the size of the smallest space of any value. Values that end differently have different
    spaces where the end is kept: `classes` is over how many of them values fall evenly. Kept first
    characters do not count, since all the cards of one adopter may be of one issuer. `room` is what the
    policy may say instead to have more, if anything.
    """

    tokens: int
    classes: int = 1
    room: str = ""


@dataclass(frozen=True)
class FormatFacts:
    """What an adopter needs to know of a format, for its page in the documentation.

    `example` is a canonical value that belongs to nobody. `longest_ttl_seconds` is how long tokens may
    live where the rules for such values set a limit; the policy is held to it.
    """

    example: str
    canonical: str
    mask: str
    keeps: str
    told_apart: str
    longest_ttl_seconds: int | None = None


class TokenFormat(Protocol):
    """The shape rules of one information type, with the policy's options built in.

    No method may raise anything but `InvalidValue`, whose detail names the rule and never quotes.
    """

    name: ClassVar[str]
    facts: ClassVar[FormatFacts]

    def canonicalize(self, value: object) -> str:
        """The one spelling of a value, from the JSON value a caller sent.

        Spellings of the same value meet in one canonical form; different values never do.
        Raises `InvalidValue` where it is not a value of this type, or is a token already.
        """
        ...

    def present(self, canonical: str) -> object:
        """The JSON value that a full reveal returns; for most formats the canonical form itself.

        Its canonical form is the same one. Raises `InvalidValue` where `canonical` is none of this format.
        """
        ...

    def mask(self, canonical: str) -> object:
        """What a masked reveal shows, a string for most formats.

        As much as the policy lets it, and never the whole value.
        """
        ...

    def space(self, canonical: str) -> TokenSpace:
        """The tokens that may stand for this value. None of them is a valid value of the type."""
        ...

    def capacity(self) -> Capacity:
        """How many tokens there are for the value that has the fewest."""
        ...

    def recognizes(self, text: str) -> bool:
        """Whether a text has the shape of this format's tokens. True for every token of it."""
        ...


class DescribesCards(ABC):
    """What a format offers beside `TokenFormat` whose values are cards, or their numbers.

    What is told here goes into answers and, so that facts know it later, into records, in the clear. So each
    part is only told where the policy asks for it.
    """

    @property
    @abstractmethod
    def fingerprint(self) -> bool:
        """Whether the policy asks for fingerprints, which take keys to make and are made elsewhere."""

    @abstractmethod
    def number(self, canonical: str) -> str:
        """The digits of the card's number: what its fingerprint is made of."""

    @abstractmethod
    def brand(self, canonical: str) -> str | None:
        """The card network; None where the policy does not ask, or the number does not say."""

    @abstractmethod
    def bin(self, canonical: str) -> str | None:
        """The first digits of the number, as many as may be stored; None where the policy does not ask."""


class HasFields(ABC):
    """What a format offers beside `TokenFormat` whose values are objects: a reveal of some of the fields."""

    fields: ClassVar[tuple[Field, ...]]
    """All that a value may have."""

    @abstractmethod
    def select(self, canonical: str, fields: Collection[Field]) -> dict[Field, str]:
        """Those of the fields that the value has, in full, and no others.

        Raises `InvalidValue` where `canonical` is none of this format.
        """


Options = Mapping[str, object]
"""A format's options as the policy spells them (`keep_last: 4`)."""

BuildFormat = Callable[[str, Options], TokenFormat]
"""Makes a format from the name of the information type and its options, every one of them optional.
An option of None is one that was not given. Raises `ConfigurationError` with every reason."""
