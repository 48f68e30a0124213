"""What stays readable of a value: in its token, by the policy's choice, and in a masked reveal."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.formats.base import KEEP_LESS
from chalicelib.formats.options import OptionReader


@dataclass(frozen=True)
class Preserved:
    """How many of a value's first and last characters stay as they are."""

    first: int = 0
    last: int = 0

    @property
    def room(self) -> str:
        """What gives tokens that keep so much more room, if they keep anything."""
        return KEEP_LESS if self.first or self.last else ""

    def head(self, text: str) -> str:
        """What stays at the beginning."""
        return text[: self.first]

    def tail(self, text: str) -> str:
        """What stays at the end."""
        return text[len(text) - self.last :]

    def tail_of(self, places: Sequence[str]) -> Sequence[str]:
        """The places at the end that stay."""
        return places[len(places) - self.last :]

    def replaced(self, text: str) -> int:
        """How many characters do not stay."""
        return len(text) - self.first - self.last

    def mask(self, text: str) -> str:
        """The text with all that does not stay starred, its length kept."""
        return self.head(text) + "*" * self.replaced(text) + self.tail(text)

    def without_first(self) -> "Preserved":
        """The same at the end, and nothing at the beginning."""
        return Preserved(0, self.last)

    def leaving(self, least: int, length: int) -> "Preserved":
        """The same, but for fewer first characters where otherwise fewer than `least` were replaced."""
        return Preserved(min(self.first, max(0, length - self.last - least)), self.last)


@dataclass(frozen=True)
class Limits:
    """How much a format lets a policy preserve, and what a mask shows where the policy does not say."""

    first: int = 0
    last: int = 4
    default_shown: int = 4
    default_kept: int = 0
    first_shown: int | None = None

    @property
    def masks_first(self) -> int:
        """How many first characters a mask may show: `first`, where nothing else is said."""
        return self.first if self.first_shown is None else self.first_shown


def read_preserved(read: OptionReader, limits: Limits) -> tuple[Preserved, Preserved]:
    """What tokens keep (`keep_first`, `keep_last`) and what masks show (`mask_first`, `mask_last`).

    The two are told apart because everybody who meets a token sees what it keeps, but only callers with
    the right to a masked reveal see a mask. A mask shows at least what the token tells anyway.
    """
    kept = Preserved(
        read.integer("keep_first", 0, 0, limits.first) if limits.first else 0,
        read.integer("keep_last", limits.default_kept, 0, limits.last),
    )
    shown = Preserved(
        read.integer("mask_first", kept.first, kept.first, limits.masks_first) if limits.first else 0,
        read.integer("mask_last", max(kept.last, limits.default_shown), kept.last, limits.last),
    )
    return kept, shown
