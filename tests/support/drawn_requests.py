"""Requests to tokenize, drawn from a seed for histories."""

import random
import string
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DrawnRequests:
    """Draws requests; of the values, a share belongs to a subject."""

    dice: random.Random
    types: Collection[str]
    values: Sequence[str]
    subjects: Sequence[str]
    of_subjects: float

    def items(self) -> list[dict[str, Any]]:
        """One to three items."""
        return [self.item(self.dice.choice(sorted(self.types))) for _ in range(self.dice.randint(1, 3))]

    def key(self) -> str:
        """An idempotency key; half the time none, which is empty."""
        return "".join(self.dice.choices(string.ascii_letters, k=22)) if self.dice.random() < 0.5 else ""

    def item(self, kind: str) -> dict[str, Any]:
        """A value of a type, and whose it is."""
        item = {"type": kind, "value": self.dice.choice(self.values)}
        owned = self.dice.random() < self.of_subjects
        return item | ({"subject": self.dice.choice(self.subjects)} if owned else {})


@dataclass(frozen=True)
class DrawnImports(DrawnRequests):
    """Draws requests to import, whose values come with one of these tokens each."""

    tokens: Sequence[str]

    def items(self) -> list[dict[str, Any]]:
        """One to three items; two of them may come with the same token."""
        return [item | {"token": self.token()} for item in super().items()]

    def token(self) -> str:
        """A token that may come along."""
        return self.dice.choice(self.tokens)
