"""Which types' tokens meet in one space: looked at when the policy loads.

Tokens of a tenant lie side by side whatever their type, so types whose tokens look alike take places from
each other. Whether two formats do is found by trying: some tokens of each are shown to the other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, Protocol, runtime_checkable

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import OPAQUE_BITS, TokenFormat, TokenSpace
from chalicelib.formats.capacity import TOGETHER, fits, shortage

_SAMPLES: Final = 32


@runtime_checkable
class Sampled(Protocol):
    """A format whose example in the documentation is not a value under all of its options."""

    def sample_spaces(self) -> Sequence[TokenSpace]:
        """Token spaces of some values, of each length that values have."""
        ...


@dataclass(frozen=True)
class Claim:
    """What a policy expects of one type: so many tokens in a tenant, erased and expired ones among them."""

    format: TokenFormat
    mode: Literal["random", "deterministic"]
    expected: int

    def shortage(self, expected: int, slot_share: Fraction) -> str | None:
        """Why so many tokens, of several types, do not fit into the type's space, or None if they do."""
        return shortage(self.format.capacity(), expected, self.mode, slot_share, TOGETHER)

    def fits(self, expected: int, slot_share: Fraction) -> bool:
        """Whether so many do."""
        return fits(self.format.capacity(), expected, self.mode, slot_share)


def crowding(claims: Mapping[str, Claim], slot_share: Fraction) -> Iterator[tuple[str, str]]:
    """The types that fit alone but not together with others, each with the reason.

    Every token of another type that may lie in a type's space counts as if it did, in each Region. Nearly
    every policy fits even if all its types shared one space; then no token is made to compare.
    """
    formatted = {name: claim for name, claim in claims.items() if not _is_opaque(claim.format)}
    everything = sum(claim.expected for claim in formatted.values())
    for name, claim in formatted.items():
        alone, at_worst = (claim.fits(n, slot_share) for n in (claim.expected, everything))
        if at_worst or not alone:
            continue
        others = {other: theirs for other, theirs in formatted.items() if other != name}
        sharing = [other for other, theirs in others.items() if meet(claim.format, theirs.format)]
        together = claim.expected + sum(formatted[other].expected for other in sharing)
        if sharing and (reason := claim.shortage(together, slot_share)):
            yield name, f"shares its token space with {', '.join(sorted(sharing))}; together it {reason}"


def meet(left: TokenFormat, right: TokenFormat) -> bool:
    """Whether some token of one format may be a token of the other, too."""
    return any(map(right.recognizes, _tokens(left))) or any(map(left.recognizes, _tokens(right)))


def _tokens(token_format: TokenFormat) -> Iterator[str]:
    """Some tokens of a format, spread over its spaces."""
    spaces = token_format.sample_spaces() if isinstance(token_format, Sampled) else _example(token_format)
    return (space.token_at(point) for space in spaces for point in _spread(space.size))


def _example(token_format: TokenFormat) -> list[TokenSpace]:
    try:
        example = token_format.present(token_format.facts.example)
        return [token_format.space(token_format.canonicalize(example))]
    except InvalidValue:
        return []


def _spread(size: int) -> set[int]:
    """Points all over a space, by the golden ratio: no digit of a token stays the same in all of them."""
    step = max(1, size * 618_034 // 1_000_000)
    return {number * step % size for number in range(_SAMPLES)}


def _is_opaque(token_format: TokenFormat) -> bool:
    return token_format.capacity().tokens >= 1 << OPAQUE_BITS
