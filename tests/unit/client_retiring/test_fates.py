"""Which tokens of the pairs of a file are to be erased."""

import pytest
from tokenvault_client.export.fates import ambiguity, counted, decide, halves, is_changed, spared

PAIR = [("a", "A")]


@pytest.mark.parametrize(
    ("state", "fate", "half"),
    [((True, True), "o", 0), ((True, False), "o", 1), ((False, True), "n", 1), ((False, False), "-", 0)],
)
def test_the_fate_of_a_pair(state: tuple[bool, bool], fate: str, half: int) -> None:
    """The old token ends; of a pair of which one is gone, the other one."""
    assert (decide(PAIR, [state]), halves(fate, [state]), spared(fate, [state])) == (fate, half, 0)


@pytest.mark.parametrize(
    ("first", "second", "fates", "half", "stay"),
    [
        ((True, True), (True, True), "oo", 0, 0),
        ((False, True), (True, True), "-o", 0, 1),
        ((True, True), (False, True), "o-", 0, 1),
        ((False, True), (False, True), "nn", 2, 0),
        ((True, False), (True, False), "oo", 2, 0),
    ],
)
def test_two_old_tokens_of_one_new_token(
    first: tuple[bool, bool], second: tuple[bool, bool], fates: str, half: int, stay: int
) -> None:
    """The new one stays as long as one of them is there, in whatever order they stand."""
    states = [first, second]
    assert decide([("a", "A"), ("b", "A")], states) == fates
    assert (halves(fates, states), spared(fates, states)) == (half, stay)


def test_tokens_that_stand_in_two_places_are_refused() -> None:
    """Twice as an old one, or as an old one and a new one; several old ones may have one new token."""
    assert ambiguity([("a", "A"), ("b", "A"), ("c", "C")]) is None
    assert ambiguity([("a", "A"), ("a", "B")]) == "an old token stands in the file twice"
    assert ambiguity([("a", "b"), ("b", "c")]) == "a token of the file is an old one and a new one"


@pytest.mark.parametrize(
    ("fate", "changed"),
    [
        ("o", [(False, True), (False, False)]),
        ("n", [(True, True), (True, False)]),
        ("-", []),
    ],
)
def test_what_has_changed(fate: str, changed: list[tuple[bool, bool]]) -> None:
    """An old token that is gone, or is there again; a new one that is gone needs no other fate."""
    states = [(old, new) for old in (True, False) for new in (True, False)]
    assert [state for state in states if is_changed(fate, state)] == changed


def test_fates_are_counted_by_name() -> None:
    """All three, also where there is none."""
    assert counted("oon-") == {"old": 2, "new": 1, "gone": 1}
    assert counted("") == {"old": 0, "new": 0, "gone": 0}
