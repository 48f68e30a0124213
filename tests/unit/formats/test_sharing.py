"""Types whose tokens look alike share a space: what a policy expects of all of them must fit."""

from fractions import Fraction
from typing import Any

import pytest

from chalicelib.errors import ConfigurationError
from chalicelib.formats import registry
from chalicelib.formats.sharing import meet
from tests.support import policies

DIGITS = {"format": "custom", "options": {"alphabet": "0123456789", "length": 5}}
LETTERS = {"format": "custom", "options": {"alphabet": "ABCDEFGHIJ", "length": 5}}
WHOLE, HALF = Fraction(1), Fraction(8, 16)


def refusal(types: dict[str, dict[str, Any]], slot_share: Fraction = WHOLE) -> str:
    """What is wrong with a policy, empty if nothing is."""
    try:
        policies.loaded(types, slot_share)
    except ConfigurationError as error:
        return str(error)
    return ""


def most(kind: dict[str, Any], slot_share: Fraction = WHOLE) -> int:
    """The most tokens that a policy may expect of one such type alone."""
    return max(
        n for n in range(100, 12_000, 100) if not refusal({"a": {**kind, "expected_tokens": n}}, slot_share)
    )


def test_four_types_do_not_fit_where_one_does() -> None:
    """The refusal names the types and the sum."""
    alone = most(DIGITS)
    assert not refusal({"a": {**DIGITS, "expected_tokens": alone}})
    said = refusal({name: {**DIGITS, "expected_tokens": alone} for name in "abcd"})
    assert f"type a shares its token space with b, c, d; together it expects {4 * alone} tokens" in said
    assert f"set or lower expected_tokens: together at most {alone}" in said


@pytest.mark.parametrize("share", [WHOLE, HALF])
def test_the_sum_may_be_what_one_type_may_expect(share: Fraction) -> None:
    """To the token, in one Region and in two."""
    alone = most(DIGITS, share)
    halves = {name: {**DIGITS, "expected_tokens": alone // 2} for name in "ab"}
    assert not refusal(halves, share)
    halves["b"]["expected_tokens"] += 200
    assert "shares its token space" in refusal(halves, share)


def test_random_and_deterministic_types_share() -> None:
    """Each is told by its own rule: the deterministic one strands values first."""
    alone = most(DIGITS)
    known = {**DIGITS, "mode": "deterministic", "expected_tokens": 500}
    said = refusal({"random": {**DIGITS, "expected_tokens": alone}, "known": known})
    assert "type known shares its token space with random" in said


def test_types_whose_tokens_look_different_do_not_share() -> None:
    """Letters and digits never meet, nor do other lengths."""
    alone = most(DIGITS)
    longer = {
        "format": "custom",
        "options": {"alphabet": "0123456789", "length": 9},
        "expected_tokens": 10**6,
    }
    types = {
        "a": {**DIGITS, "expected_tokens": alone},
        "b": {**LETTERS, "expected_tokens": alone},
        "c": longer,
    }
    assert not refusal(types)


def test_usual_policies_are_not_refused() -> None:
    """One type of each format, as many tokens as expected by default."""
    kinds = ("card_number", "card", "us_ssn", "iban", "email", "phone", "date", "digits", "text", "json")
    assert not refusal({kind: {"format": kind} for kind in kinds})
    twice = {
        f"{kind}_{mode}": {"format": kind, "mode": mode}
        for kind in kinds
        for mode in ("random", "deterministic")
    }
    assert not refusal(twice)


@pytest.mark.parametrize(
    ("left", "right", "meets"),
    [
        (("card_number", {}), ("card_number", {"keep_last": 0}), True),
        (("card", {}), ("card_number", {"keep_last": 0}), True),
        (("card", {}), ("card", {}), True),
        (("card_number", {}), ("us_ssn", {}), False),
        (("us_ssn", {}), ("iban", {}), False),
        (("standard_number", {"scheme": "br.cpf"}), ("standard_number", {"scheme": "br.cpf"}), True),
    ],
)
def test_formats_meet_by_their_tokens(left: Any, right: Any, meets: bool) -> None:
    """Whatever their names are."""
    made = [registry.build(name, "a", options) for name, options in (left, right)]
    assert meet(*made) == meet(*reversed(made)) == meets
