"""What becomes of the two tokens of each pair of a file, decided from how all of them were found at once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

Pair = tuple[str, str]
"""An old token and its new one."""

State = tuple[bool, bool]
"""Whether the old token of a pair is there, and the new one."""

OLD, NEW, NEITHER = "o", "n", "-"
"""Which token of a pair is to be erased."""

_NAMES: Final = {OLD: "old", NEW: "new", NEITHER: "gone"}


def ambiguity(pairs: Sequence[Pair]) -> str | None:
    """Why no fate can be decided by these pairs: one's old token would be erased for another's sake."""
    olds = {old for old, _ in pairs}
    if len(olds) != len(pairs):
        return "an old token stands in the file twice"
    if any(new in olds for _, new in pairs):
        return "a token of the file is an old one and a new one"
    return None


def decide(pairs: Sequence[Pair], states: Sequence[State]) -> str:
    """The fate of each pair, as a letter each.

    Whoever erased the old token of a pair meant its value, so the new token goes as well. But where a type
    moved twice, several old tokens may have led to one new token, and retiring an earlier file erased some of
    them: the new token stays as long as one of them is there.
    """
    kept = {new for (_, new), (old_is_there, _) in zip(pairs, states, strict=True) if old_is_there}

    def fate(pair: Pair, state: State) -> str:
        old_is_there, new_is_there = state
        if old_is_there:
            return OLD
        return NEW if new_is_there and pair[1] not in kept else NEITHER

    return "".join(map(fate, pairs, states))


def halves(fates: str, states: Iterable[State]) -> int:
    """Of how many pairs one token is gone, and the other one is to be erased."""
    return sum(fate != NEITHER and not all(state) for fate, state in zip(fates, states, strict=True))


def spared(fates: str, states: Iterable[State]) -> int:
    """Of how many pairs the old token is gone and the new one stays, for another old one's sake."""
    return sum(fate == NEITHER and state[1] for fate, state in zip(fates, states, strict=True))


def is_changed(fate: str, state: State) -> bool:
    """Whether a pair would have another fate by now.

    If a token that is to be erased is gone already, and its erasure was not begun, somebody else erased it.
    If an old token that was gone is there again, its value was taken in once more.
    """
    return not state[0] if fate == OLD else fate == NEW and state[0]


def counted(fates: str) -> dict[str, int]:
    """How many pairs have each fate, by its name."""
    counts = Counter(fates)
    return {name: counts[fate] for fate, name in _NAMES.items()}
