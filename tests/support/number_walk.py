"""Walking through the numbers of a scheme: from one that it takes to others that differ in a few places."""

import random
import string
from collections.abc import Iterator
from typing import Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import TokenFormat

ALNUM: Final = string.digits + string.ascii_uppercase


def walk(token_format: TokenFormat, start: str, steps: int, seed: str) -> list[str]:
    """Canonical numbers met on the way, the first included; the same for the same seed.

    A step changes a character, and then looks for a last or any other one that makes it a number again.
    """
    dice, met = random.Random(seed), [start]
    for _ in range(steps):
        for text in _changed(dice.choice(met[-8:]), dice):
            found = taken(token_format, text)
            if found and found not in met:
                met.append(found)
                break
    return met


def taken(token_format: TokenFormat, value: object) -> str | None:
    """The canonical form, or None where it is no value."""
    try:
        return token_format.canonicalize(value)
    except InvalidValue:
        return None


def _changed(number: str, dice: random.Random) -> Iterator[str]:
    place = dice.randrange(len(number))
    kind = string.digits if number[place].isdigit() and dice.random() < 0.7 else ALNUM
    changed = _put(number, place, dice.choice(kind))
    yield changed
    for repaired in (len(number) - 1, dice.randrange(len(number))):
        yield from (_put(changed, repaired, sign) for sign in ALNUM)


def _put(text: str, place: int, sign: str) -> str:
    return text[:place] + sign + text[place + 1 :]
