"""What callers of two Regions at once were promised, shared by all of their threads."""

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

DETERMINISTIC: Final = ("member_card", "note")
Owned = tuple[str, str, str | None]
"""Type, value and subject."""


class WrongError(AssertionError):
    """An answer that may not be."""


@dataclass
class Made:
    """A token, what it stands for, and its erasure: when that was asked for, and answered by which Region."""

    owned: Owned
    asked: float | None = None
    answered: dict[str, float] = field(default_factory=dict)


class Ledger:
    """What was promised to any of the callers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.made: dict[str, Made] = {}
        self._of: defaultdict[Owned, list[str]] = defaultdict(list)
        self.done = Counter[str]()

    def take(self, owned: Owned, token: str) -> None:
        """A value was answered with a token. Raises `WrongError`."""
        with self._lock:
            known = self.made.setdefault(token, Made(owned))
            if known.owned != owned:
                raise WrongError(f"{token} stands for two values")
            if owned[0] not in DETERMINISTIC and token in self._of[owned]:
                raise WrongError(f"{token} was given twice")
            others = [each for each in self._of[owned] if each != token and self.made[each].asked is None]
            # An answer that was on its way when the token was erased may come after its successor's.
            if owned[0] in DETERMINISTIC and known.asked is None and others:
                raise WrongError(f"a value has two tokens: {token} and {others}")
            self._of[owned].append(token)

    def any(self, dice: random.Random, most: int) -> list[str]:
        """Some tokens, often recent ones."""
        with self._lock:
            every = list(self.made)
        recent = dice.choice([every[-20:], every])
        return dice.sample(recent, min(most, len(recent)))

    def erasing(self, tokens: Sequence[str]) -> None:
        """Somebody is about to ask for their erasure."""
        with self._lock:
            for token in tokens:
                made = self.made[token]
                made.asked = made.asked or time.monotonic()

    def erased(self, tokens: Sequence[str], region: str) -> None:
        """That was answered."""
        with self._lock:
            for token in tokens:
                self.made[token].answered.setdefault(region, time.monotonic())

    def of_subject(self, subject: str) -> list[str]:
        """The tokens of a subject so far."""
        with self._lock:
            return [token for token, made in self.made.items() if made.owned[2] == subject]

    def count(self, what: str) -> None:
        """One more of something."""
        with self._lock:
            self.done[what] += 1
