"""Custom formats in particular: any that a policy can write keeps the invariants, or is refused."""

import re
from dataclasses import dataclass
from itertools import product
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn as stdnum_luhn
from stdnum.iso7064 import mod_97_10

from chalicelib.errors import ConfigurationError, InvalidValue
from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat
from chalicelib.formats.mod97 import check_digits, passes_mod97, remainder
from tests.unit.formats.cases.case import text_of
from tests.unit.formats.cases.custom import CAPITALS

UNRESERVED = ascii_letters + digits + "-._~"
MARKABLE = UNRESERVED.replace("k", "").replace("K", "")
"""Whatever is made of these leaves a mark."""

VALID = {"none": lambda _: True, "luhn": stdnum_luhn.is_valid, "mod97": mod_97_10.is_valid}
CHECK_DIGITS = {
    "none": lambda _: "",
    "luhn": stdnum_luhn.calc_check_digit,
    "mod97": mod_97_10.calc_check_digits,
}


def custom(**options: object) -> TokenFormat:
    """The format with these options."""
    return registry.build("custom", "member", options)


@dataclass(frozen=True)
class Made:
    """A format that was made up, and its values."""

    options: dict
    values: st.SearchStrategy[str]


def split(draw: st.DrawFn, most: int) -> tuple[int, int]:
    """Numbers of first and last characters that make no more than `most`."""
    first = draw(st.integers(0, most))
    return first, draw(st.integers(0, most - first))


@st.composite
def made_up(draw: st.DrawFn) -> Made:
    """A format of some alphabet, of a length or a range, that keeps and shows what it may."""
    check = draw(st.sampled_from(sorted(VALID)))
    letters = {"none": MARKABLE, "luhn": digits, "mod97": digits + CAPITALS}[check]
    always = "" if check == "none" else digits
    some = draw(st.lists(st.sampled_from(letters), min_size=2, max_size=40, unique=True))
    # A hyphen first, where nothing can read as a range.
    alphabet = "".join(sorted(draw(st.permutations(sorted({*always, *some}))), key="-".__ne__))
    shortest = draw(st.integers(4, 24))
    longest = draw(st.integers(shortest, shortest + 8))
    shown = split(draw, shortest - 3)
    kept = tuple(draw(st.integers(0, most)) for most in shown)
    if {*alphabet} - {*digits} == {"E"}:
        kept = (0, 0)
    lengths = {"length": shortest} if longest == shortest else {"min_length": shortest, "max_length": longest}
    options = {
        "alphabet": alphabet,
        **lengths,
        "check_digit": check,
        "keep_first": kept[0],
        "keep_last": kept[1],
        "mask_first": shown[0],
        "mask_last": shown[1],
    }
    own = len(CHECK_DIGITS[check]("12"))
    values = text_of(alphabet, shortest - own, longest - own).map(
        lambda body: body + CHECK_DIGITS[check](body)
    )
    if check == "luhn":
        values = values.filter(lambda value: value.strip("0"))
    return Made(options, values)


@given(made=made_up(), data=st.data())
def test_any_custom_format_keeps_the_invariants(made: Made, data: st.DataObject) -> None:
    """A value stays what it is; its token is no value, is recognised, and keeps what the policy says."""
    token_format, check = custom(**made.options), VALID[made.options["check_digit"]]
    value = data.draw(made.values)
    assert token_format.canonicalize(value) == token_format.present(value) == value
    assert not token_format.recognizes(value)
    space = token_format.space(value)
    assert space.size >= token_format.capacity().tokens
    point, other = data.draw(st.integers(0, space.size - 1)), data.draw(st.integers(0, space.size - 1))
    token = space.token_at(point)
    assert (space.token_at(other) == token) == (point == other)
    assert token_format.recognizes(token)
    assert not (check(token) and set(token) <= set(made.options["alphabet"]))
    for spelled in (token, token.upper(), token.lower(), token.replace("-", "")):
        with pytest.raises(InvalidValue):
            token_format.canonicalize(spelled)
    first, last = made.options["keep_first"], made.options["keep_last"]
    first = 0 if value.startswith(("0", "-")) else first
    assert not token.startswith(("0", "-"))
    assert len(token) == len(value)
    assert (token[:first], token[len(token) - last :]) == (value[:first], value[len(value) - last :])


@given(made=made_up(), data=st.data())
def test_a_mask_shows_what_the_policy_says(made: Made, data: st.DataObject) -> None:
    """So many first and last characters, and stars for all the others."""
    value = data.draw(made.values)
    first, last = made.options["mask_first"], made.options["mask_last"]
    stars = "*" * (len(value) - first - last)
    assert custom(**made.options).mask(value) == value[:first] + stars + value[len(value) - last :]
    assert len(stars) >= 3


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"alphabet": "01", "length": 6, "keep_first": 1, "keep_last": 1}, 8),
        ({"alphabet": digits, "length": 5, "keep_last": 1, "check_digit": "luhn"}, 8100),
        ({"alphabet": digits, "length": 6, "keep_first": 2, "check_digit": "mod97"}, 9000),
    ],
    ids=str,
)
def test_a_whole_space_holds_no_value(options: dict[str, object], size: int) -> None:
    """Every point of a small space is another token, and none of them is a value."""
    token_format = custom(**options)
    value = "101011" if size == 8 else "18" + "000000"[: int(str(options["length"])) - 2]
    space = token_format.space(value)
    tokens = {space.token_at(point) for point in range(space.size)}
    assert len(tokens) == space.size == size
    for token in tokens:
        assert token_format.recognizes(token)
        with pytest.raises(InvalidValue):
            token_format.canonicalize(token)


@pytest.mark.parametrize(
    ("alphabet", "mark"),
    [
        (digits, "k"),
        ("abcK123", "q"),
        ("ABCkqw123", "z"),
        (digits + ascii_letters, "~"),
        (ascii_letters, "~"),
        (digits + CAPITALS, "~"),
    ],
)
def test_the_mark_is_none_of_the_alphabet_in_any_case(alphabet: str, mark: str) -> None:
    """A system that folds case makes no value of a token, and neither does one that drops hyphens."""
    assert custom(alphabet=alphabet, length=8, keep_first=2).space("1" * 8).token_at(0)[2] == mark


@pytest.mark.parametrize(("kept", "token"), [(0, r"kEB-[0-9]{10}"), (4, r"WEB-k[0-9]{9}")])
def test_literals_may_stand_in_a_pattern(kept: int, token: str) -> None:
    """As docs/formats.md shows: they stand in a token too, but for the one in whose place the mark is."""
    made = registry.build("custom", "order", {"pattern": "WEB-[0-9]{10}", "keep_first": kept})
    space = made.space(made.canonicalize("WEB-0047110815"))
    for point in (0, space.size // 3, space.size - 1):
        assert re.fullmatch(token, space.token_at(point))
    assert not made.recognizes("WEB-0047110815")


def test_an_underscore_stands_in_front_or_nowhere() -> None:
    """Between digits, Python and YAML 1.1 read it as part of a number: 11_234."""
    options: dict[str, object] = {"alphabet": digits + ascii_letters + "~-", "length": 8}
    assert custom(**options).space("1" * 8).token_at(0)[0] == "_"
    with pytest.raises(ConfigurationError) as raised:
        custom(**options, keep_first=2)
    assert any("keep no first" in problem for problem in raised.value.problems)


@pytest.mark.parametrize("alphabet", ["-0123456789", "0123456789-", "0123456789-ABC", "ABC-D", "9-0"])
def test_a_hyphen_that_is_no_range_is_a_character(alphabet: str) -> None:
    """First, last, between kinds, or with nothing left out between the two beside it."""
    assert custom(alphabet=alphabet, length=12).canonicalize(f"{alphabet[0] * 11}-").endswith("-")


@given(st.text(digits + CAPITALS, min_size=1, max_size=30))
def test_the_mod97_check_is_the_one_of_stdnum(text: str) -> None:
    """Ours and python-stdnum's agree, except for check digits that ISO/IEC 7064 never makes."""
    made = text[-2:].isdigit() and text[-2:] not in ("00", "01", "99")
    assert passes_mod97(text) == (mod_97_10.is_valid(text) and made)
    assert f"{check_digits(text):02d}" == mod_97_10.calc_check_digits(text)


@pytest.mark.parametrize("place", range(1, 6))
def test_at_most_one_digit_passes_mod97_at_any_place(place: int) -> None:
    """What the token space counts on, for letters and digits around it."""
    for before, after in product(["7", "A", "Z9"], ["", "1", "A", "9Z", "0Z0Z"][:place]):
        assert sum(remainder(f"{before}{digit}{after}") == 1 for digit in digits) <= 1


GOOD = {"alphabet": digits, "length": 8}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "needs option pattern, or alphabet and length"),
        ({"alphabet": digits}, "option length, or"),
        ({"alphabet": "1", "length": 8}, "option alphabet"),
        ({"alphabet": "121", "length": 8}, "option alphabet"),
        ({"alphabet": "01é", "length": 8}, "option alphabet"),
        ({"alphabet": "01/", "length": 8}, "option alphabet"),
        ({"alphabet": 7, "length": 8}, "option alphabet"),
        ({"alphabet": "0-9", "length": 8}, "write all characters out"),
        ({"alphabet": "A-Za-z0-9", "length": 8}, "write all characters out"),
        ({"alphabet": "01234567ABC-F", "length": 8}, "write all characters out"),
        ({"alphabet": UNRESERVED, "length": 8}, "no character to mark tokens"),
        ({"alphabet": digits + ascii_letters + "~_", "length": 8}, "no character to mark tokens"),
        ({"pattern": "[A-Z]{2}[0-9]{4}", "length": 6}, "option pattern says it all"),
        ({"pattern": "[A-Z{2}"}, "option pattern"),
        ({"pattern": "[A-Z]{3}"}, "option pattern"),
        ({"pattern": ".{8}"}, "option pattern"),
        ({"pattern": "A{8}"}, "option pattern"),
        ({"pattern": "[Z-A]{8}"}, "option pattern"),
        ({**GOOD, "fold": "title"}, "option fold"),
        ({"pattern": "[a-z]{8}", "fold": "upper"}, "option fold"),
        ({**GOOD, "ignore": "5"}, "option ignore"),
        ({"alphabet": digits + "-", "length": 8, "ignore": "-"}, "option ignore"),
        ({**GOOD, "check_prefix": "80840"}, "option check_prefix"),
        ({**GOOD, "check_digit": "luhn", "check_prefix": "A"}, "option check_prefix"),
        ({"alphabet": digits + "<", "length": 9, "keep_last": 2}, "tokens stand in URLs"),
        ({"alphabet": digits + "E", "length": 9, "check_digit": "mod97", "keep_first": 2}, "read as numbers"),
        ({"pattern": "[0-9]{2}E[0-9]{6}", "check_digit": "mod97"}, "read as numbers"),
        ({"pattern": "[0-9]{8}[A-Z]", "check_digit": "mrz"}, "takes no value"),
        ({"pattern": "[0-9]{8}[A-Z][0-9]", "check_digit": "mod97"}, "takes no value"),
        ({"pattern": "[0-9]{7}1|[0-9]{8}", "check_digit": "luhn"}, "takes no value"),
        ({"pattern": "[A-Z]{6}[0-9]{2}", "check_digit": "mod97", "keep_last": 2}, "a digit of its own"),
        ({"pattern": "[0-9]{5}[A-Z][0-9]", "check_digit": "mrz", "keep_last": 1}, "a digit of its own"),
        ({**GOOD, "length": 3}, "option length"),
        ({**GOOD, "length": 129}, "option length"),
        ({**GOOD, "min_length": 4, "max_length": 8}, "option length, or"),
        ({"alphabet": digits, "min_length": 8}, "option length, or"),
        ({"alphabet": digits, "min_length": 8, "max_length": 7}, "option max_length"),
        ({**GOOD, "keep_first": 6}, "option keep_first"),
        ({**GOOD, "keep_first": 3, "keep_last": 3}, "at least 3 characters"),
        ({**GOOD, "mask_first": 3, "mask_last": 3}, "at least 3 characters"),
        ({**GOOD, "keep_first": 2, "mask_first": 1}, "option mask_first"),
        ({**GOOD, "check_digit": "verhoeff"}, "option check_digit"),
        ({"alphabet": "012345678", "length": 8, "check_digit": "luhn"}, "option check_digit"),
        ({"alphabet": digits + "A", "length": 8, "check_digit": "luhn"}, "option check_digit"),
        ({"alphabet": digits + "a", "length": 8, "check_digit": "mod97"}, "option check_digit"),
    ],
    ids=str,
)
def test_what_cannot_keep_them_is_refused(options: dict[str, object], reason: str) -> None:
    """A policy that asks for it does not load, and is told why."""
    with pytest.raises(ConfigurationError) as raised:
        custom(**options)
    assert any(reason in problem for problem in raised.value.problems)


@pytest.mark.parametrize(
    "value", ["1234567", "123456789", "1234567a", "12345 78", "\u0661" + "2345678", 12345678]
)
def test_what_is_no_value_is_refused(value: object) -> None:
    """Too short, too long, of another alphabet, no string."""
    with pytest.raises(InvalidValue):
        custom(**GOOD).canonicalize(value)


@pytest.mark.parametrize(
    ("options", "only"),
    [
        ({"keep_first": 4}, "needs option pattern, or alphabet and length"),
        ({"pattern": 12345678, "keep_last": 4}, "option pattern must be a string"),
        ({"pattern": 12345678, "check_digit": "luhn"}, "option pattern must be a string"),
        ({"alphabet": 7, "length": 8}, "option alphabet must be a string"),
        ({"alphabet": digits, "keep_last": 4}, "needs option length, or min_length and max_length"),
    ],
    ids=str,
)
def test_one_mistake_is_one_problem(options: dict[str, object], only: str) -> None:
    """What would follow from it is not told beside it: who mends the one has mended all."""
    with pytest.raises(ConfigurationError) as raised:
        registry.build("custom", "some-type", options)
    assert raised.value.problems == (only,)
