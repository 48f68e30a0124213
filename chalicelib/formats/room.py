"""Whether a format has room for as many tokens as a policy expects: looked at when the policy loads."""

from fractions import Fraction
from typing import Final, Literal

from chalicelib.formats.base import OPAQUE_BITS, Room

ATTEMPTS: Final = 4
"""How often a free place is looked for."""

EXPECTED: Final = 1_000_000
"""Tokens of a type in a tenant, where the policy does not say."""

_FULLEST: Final = Fraction(1, 2)
_REMEDY: Final = "let it keep less of the value, or set expected_tokens where there will be fewer"


def shortage(
    room: Room, expected: int, mode: Literal["random", "deterministic"], slot_share: Fraction
) -> str | None:
    """Why `expected` tokens of one tenant do not fit, or None where they do. Erased ones count.

    A space of `tokens` for each of `spread` classes of values holds S = tokens * spread in all, and n tokens
    fill it to f = n / S. A place that is looked at is taken with a chance of f.

    *Random* tokens are drawn in a Region's own slots: S is `slot_share` of it, since all of an adopter's
    values may come in through the Region with the fewest. At f = 1/2 one value in f**4 = 1/16 finds no
    free place in four draws, and the next request draws anew; beyond that it gets worse fast. So f is at
    most 1/2.

    *Deterministic* tokens have four places each in the whole of S, for good: a value that finds them all
    taken never gets a token. The k-th value does with a chance of (k / S)**4; over n values that makes
    n * f**4 / 5 of them. Less than one is asked for, beside f <= 1/2.
    """
    if room.tokens >= 1 << OPAQUE_BITS:
        return None
    share = slot_share if mode == "random" else Fraction(1)
    places = room.tokens * room.spread * share
    fill = expected / places
    expects = f"expects {expected} tokens, and its token space has {int(places)}"
    if fill > _FULLEST:
        return f"{expects}, half of which may be in use; {_REMEDY}"
    stranded = expected * fill**ATTEMPTS / 5
    if mode == "deterministic" and stranded >= 1:
        return f"{expects}: {int(stranded)} values or so would find their {ATTEMPTS} places taken; {_REMEDY}"
    return None
