"""What a history is played from: steps that follow from a seed, each with a seed of its own."""

import random
from dataclasses import dataclass
from typing import Any

LETTERS, DIGITS = "abcdef", "012345"
IMPORTABLE = {"pattern": "old_[a-z]{2}", "values": True}
TYPES: dict[str, dict[str, Any]] = {
    "text": {"format": "text", "imported_tokens": IMPORTABLE},
    "brief": {
        "format": "text",
        "default_ttl_seconds": 60,
        "max_ttl_seconds": 60,
        "imported_tokens": IMPORTABLE,
    },
    "known": {"format": "text", "mode": "deterministic", "derivation": "cached"},
    "short": {
        "format": "custom",
        "options": {"alphabet": DIGITS, "length": 4},
        "default_ttl_seconds": 60,
        "max_ttl_seconds": 60,
        "expected_tokens": 30,
    },
    "few": {
        "format": "custom",
        "options": {"alphabet": LETTERS, "length": 4},
        "mode": "deterministic",
        "derivation": "cached",
        "expected_tokens": 20,
    },
}
MOVING = "known"
"""The type whose tokens move to a second PRF key, once in a history."""

DIGIT_VALUES = [f"1{a}{b}1" for a in DIGITS[:5] for b in DIGITS[:4]]
LETTER_VALUES = [f"a{a}{b}a" for a in LETTERS for b in LETTERS[:4]]
IMPORTED = [f"old_{a}{b}" for a in LETTERS for b in LETTERS]
SUBJECTS = tuple(f"p{number}" for number in range(12))

KINDS = (
    *["tokenize"] * 12,
    *["tokenize_at_home"] * 4,
    *["import_tokens"] * 4,
    *["search"] * 3,
    *["retokenize"] * 3,
    *["tokenize_failing_over"] * 5,
    "tokenize_after_a_crash",
    *["ask_approval"] * 3,
    "decide",
    *["reveal_approved"] * 3,
    "reveal_unapproved",
    *["capture"] * 2,
    *["capture_again"] * 3,
    *["replay"] * 5,
    *["reveal"] * 10,
    *["erase"] * 4,
    *["erase_made_up", "erase_to_come", "erase_subject", "remove_expired", "wait", "cut"],
    *["maintain"] * 3,
    *["rewrap"] * 2,
)
SELDOM = (*["rotate"] * 3, "retire", "lose", "wait_long", "move")
"""Each about once or twice in a hundred steps."""

MEANWHILE = (
    "tokenize",
    "import_tokens",
    "tokenize_failing_over",
    "decide",
    "reveal_approved",
    "capture_again",
    "replay",
    "replay",
    "search",
    "retokenize",
    "reveal",
    "erase",
    "maintain",
    "remove_expired",
    "arrive",
    "arrive",
)
"""What may happen while a call waits."""


@dataclass(frozen=True)
class Step:
    """Something that happens, and the seed of all that follows from chance in it."""

    kind: str
    seed: int


@dataclass(frozen=True)
class Plan:
    """What a history is played from: a setting and its steps."""

    seed: int
    regions: int
    steps: tuple[Step, ...]


def plan(seed: int, steps: int) -> Plan:
    """The history of a seed: in two Regions or in three."""
    dice = random.Random(seed)
    kinds = [dice.choice(SELDOM if dice.random() < 0.1 else KINDS) for _ in range(steps)]
    return Plan(seed, dice.choice([2, 3]), tuple(Step(kind, dice.getrandbits(32)) for kind in kinds))
