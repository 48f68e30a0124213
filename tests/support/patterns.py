"""Texts that match a pattern, drawn at random: for the simple regular expressions of telephone metadata."""

import random
import re
from re import _constants as op
from re import _parser
from typing import Any


def drawn(pattern: str, draw: random.Random) -> str:
    """A text that the pattern matches in full: of literals, classes, groups, alternatives and repeats."""
    return _sequence(_parser.parse(pattern), draw)


def _sequence(parts: Any, draw: random.Random) -> str:
    return "".join(_part(kind, detail, draw) for kind, detail in parts)


def _part(kind: Any, detail: Any, draw: random.Random) -> str:
    if kind is op.LITERAL:
        return chr(detail)
    if kind is op.IN:
        return draw.choice([digit for digit in "0123456789" if re.fullmatch(_class(detail), digit)])
    if kind is op.SUBPATTERN:
        return _sequence(detail[-1], draw)
    if kind is op.BRANCH:
        return _sequence(draw.choice(detail[1]), draw)
    if kind is op.MAX_REPEAT:
        least, most, inner = detail
        return "".join(_sequence(inner, draw) for _ in range(draw.randint(least, most)))
    raise NotImplementedError(kind)


def _class(members: Any) -> str:
    inner = ""
    for kind, detail in members:
        inner += {
            op.LITERAL: chr,
            op.RANGE: lambda d: f"{chr(d[0])}-{chr(d[1])}",
            op.CATEGORY: lambda _: "0-9",
        }[kind](detail)
    return f"[{inner}]"
