"""Drawing random tokens: the only use of randomness in the making of a token."""

import hashlib
from typing import Final

from chalicelib.config import SLOTS
from chalicelib.errors import TokenSpaceExhausted
from chalicelib.formats.base import TokenSpace
from chalicelib.sources import RandBelow

_DRAWS: Final = 64 * SLOTS
"""With one slot of sixteen, the chance of missing it this often is under 10**-28."""


def slot_of(token: str) -> int:
    """The slot that a token falls in: a public hash, so that every Region computes the same."""
    return hashlib.sha256(token.encode()).digest()[0] % SLOTS


def draw(space: TokenSpace, own_slots: frozenset[int], randbelow: RandBelow) -> str:
    """A random token of the space.

    Formatted tokens come from the slots that the Region owns, so two Regions never draw the same
    token, with no lock between them. Opaque tokens cannot collide, so any draw will do. Raises
    `TokenSpaceExhausted` if the space has no token in these slots.
    """
    for _ in range(_DRAWS):
        token = space.token_at(randbelow(space.size))
        if space.opaque or len(own_slots) == SLOTS or slot_of(token) in own_slots:
            return token
    raise TokenSpaceExhausted("the token space has no token left for this Region")
