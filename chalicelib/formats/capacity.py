"""Whether a format has room for as many tokens as a policy expects: looked at when the policy loads."""

from fractions import Fraction
from typing import Final, Literal

from chalicelib.formats.base import OPAQUE_BITS, Capacity

MAX_PROBES: Final = 4
"""How often a free place is looked for."""

EXPECTED: Final = 1_000_000
"""Tokens of a type in a tenant, where the policy does not say."""

TOGETHER: Final = "set or lower expected_tokens: together at most {} fit"
"""What is left where several types share a space."""

_SET: Final = "set expected_tokens to at most {}"
_LOWER: Final = "lower expected_tokens to at most {}"
_BY_DEFAULT: Final = " (the default, as the policy does not say expected_tokens)"
_FULLEST: Final = Fraction(1, 2)

REPLICATION_SECONDS: Final = 2
"""How long another Region may not know of a write. AWS says "usually within a second" of global tables:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html"""

_YEAR_SECONDS: Final = 365 * 24 * 3600
_LIKELIEST_CLASH: Final = Fraction(1, 1000)


def shortage(
    capacity: Capacity,
    expected: int | None,
    mode: Literal["random", "deterministic"],
    slot_share: Fraction,
    fewer: str = _LOWER,
) -> str | None:
    """Why `expected` tokens of one tenant do not fit, and what to do, or None. Erased ones count.

    `expected` is None where the policy does not say; `fewer` is the advice to expect no more than so many.
    """
    number, by_default = (EXPECTED, _BY_DEFAULT) if expected is None else (expected, "")
    reason = _reason(capacity, number, mode, slot_share)
    if reason is None:
        return None
    most = _most(capacity, number, mode, slot_share)
    advice = [capacity.room, (_SET if expected is None else fewer).format(most) if most else ""]
    ways = ", or ".join(filter(None, advice))
    return f"expects {number} tokens{by_default}{reason}" + (ways and f"; {ways}")


def fits(
    capacity: Capacity, expected: int, mode: Literal["random", "deterministic"], slot_share: Fraction
) -> bool:
    """Whether `expected` tokens of one tenant fit."""
    return _reason(capacity, expected, mode, slot_share) is None


def _most(
    capacity: Capacity, expected: int, mode: Literal["random", "deterministic"], slot_share: Fraction
) -> int:
    """The largest number that fits, 0 if none does: a rule that holds for one holds for all below it."""
    most, over = 0, expected
    while over - most > 1:
        middle = (most + over) // 2
        most, over = (middle, over) if fits(capacity, middle, mode, slot_share) else (most, middle)
    return most


def _reason(
    capacity: Capacity, expected: int, mode: Literal["random", "deterministic"], slot_share: Fraction
) -> str | None:
    """The rule that `expected` tokens break, to be read behind their number, or None.

    A space of `tokens` in each of `classes` classes of values holds S = tokens * classes in all, and n tokens
    fill it to f = n / S. A place that is looked at is taken with a chance of f.

    *Random* tokens are drawn in a Region's own slots: S is `slot_share` of it, since all of an adopter's
    values may come in through the Region with the fewest. At f = 1/2 one value in f**4 = 1/16 finds no
    free place in four draws, and the next request draws anew; beyond that it gets worse fast. So f is at
    most 1/2. No two Regions draw the same token.

    *Deterministic* tokens have four places each in the whole of S, for good: a value that finds them all
    taken never gets a token. The k-th value does with a chance of (k / S)**4; over n values that makes
    n * f**4 / 5 of them. Less than one is asked for, beside f <= 1/2. Where there are several Regions (a
    share under 1), two values that are new at the same time may take the same place in two of them, before
    either hears of the other. With n values over a year, half of them in each Region, n**2 * w / (2 * year)
    pairs are as near as the w seconds of replication, and each meets with a chance of 1 / S: the chance
    that any does is held under 1 in 1,000.
    """
    if capacity.tokens >= 1 << OPAQUE_BITS:
        return None
    share = slot_share if mode == "random" else Fraction(1)
    places = capacity.tokens * capacity.classes * share
    has = f", and its token space has {int(places)}"
    # The rule that is said is the one that bounds the number.
    stranded = min(Fraction(expected), expected * (expected / places) ** MAX_PROBES / 5)
    if mode == "deterministic" and stranded >= 1:
        return f"{has}: {int(stranded)} values or so would find their {MAX_PROBES} places taken"
    if expected / places > _FULLEST:
        return f"{has}, half of which may be in use"
    if mode == "random":
        return None
    chance = expected**2 * Fraction(REPLICATION_SECONDS, 2 * _YEAR_SECONDS) / places
    if slot_share < 1 and chance > _LIKELIEST_CLASH:
        return f"{has}: two Regions take one place with a chance of {float(chance):.2g}"
    return None
