"""What holds of every format, whatever its options."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import InvalidValue
from chalicelib.formats import registry
from chalicelib.formats.base import TokenSpace
from tests.unit.formats.cases.case import Case
from tests.unit.formats.cases.every import CASES

every_case = pytest.mark.parametrize("case", CASES, ids=str)

MAX_TOKEN = 256
"""The longest token that the API takes."""


def points(space: TokenSpace) -> st.SearchStrategy[int]:
    """Points of a space; both ends come up often."""
    return st.integers(0, space.size - 1) | st.sampled_from([0, space.size - 1])


GAPS = {"na", "n/a", "nan", "-nan", "null", "none", "true", "false", "yes", "no", "inf", "infinity"}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def stays_as_it_is(token: str) -> bool:
    """Whether what reads tables leaves a token alone: data frames, and spreadsheets up to 15 digits.

    Digits alone are a number, and come back if there is no 0 in front. Anything else must be text: no
    number in whatever notation, no gap, no truth value, no formula, no date.
    """
    if token.isdigit():
        return token[0] != "0"
    try:
        float(token)
    except ValueError:
        text = token.lower()
        return text not in GAPS and text[0] not in "0+=-" and not text.startswith(MONTHS)
    return False


def refusal(case: Case, value: object) -> InvalidValue:
    """The error with which a value is refused."""
    with pytest.raises(InvalidValue) as raised:
        case.format.canonicalize(value)
    return raised.value


def test_every_format_has_a_case() -> None:
    """No format in the table goes without these tests."""
    assert {case.format_name for case in CASES} == set(registry.FORMATS)


@every_case
@given(data=st.data())
def test_spellings_meet(case: Case, data: st.DataObject) -> None:
    """All spellings of a value have one canonical form, and what a full reveal returns has it too."""
    identity = data.draw(case.identities)
    one, other = (case.format.canonicalize(data.draw(case.spell(identity))) for _ in range(2))
    assert one == other
    assert case.format.canonicalize(case.format.present(one)) == one


@every_case
@given(data=st.data())
def test_different_values_never_meet(case: Case, data: st.DataObject) -> None:
    """Two values, alike as they may be, have two canonical forms."""
    one = data.draw(case.identities)
    other = data.draw(case.identities | case.sibling(one))
    canonical = [case.format.canonicalize(data.draw(case.spell(identity))) for identity in (one, other)]
    assert (canonical[0] == canonical[1]) == (one == other)


@every_case
@given(data=st.data())
def test_a_token_is_told_from_a_value(case: Case, data: st.DataObject) -> None:
    """A token is recognised, refused as a value in any spelling, and fit for a URL; two points are two."""
    canonical = case.format.canonicalize(data.draw(case.spell(data.draw(case.identities))))
    space = case.format.space(canonical)
    one, other = data.draw(points(space)), data.draw(points(space))
    token = space.token_at(one)
    assert (space.token_at(other) == token) == (one == other)
    assert case.format.recognizes(token)
    assert re.fullmatch(r"[A-Za-z0-9._~@-]+", token)
    assert stays_as_it_is(token)
    assert len(token) <= MAX_TOKEN
    for spelled in case.tokens(token):
        refusal(case, spelled)
    assert not case.format.recognizes(canonical)


@every_case
@given(data=st.data())
def test_tokens_differ_in_more_than_their_case(case: Case, data: st.DataObject) -> None:
    """Two tokens stay two where keys are kept in small letters."""
    space = case.format.space(case.format.canonicalize(data.draw(case.spell(data.draw(case.identities)))))
    one, other = data.draw(points(space)), data.draw(points(space))
    assert (space.token_at(one).lower() == space.token_at(other).lower()) == (one == other)


@every_case
@given(data=st.data())
def test_tokens_and_masks_tell_no_more_than_they_may(case: Case, data: st.DataObject) -> None:
    """Values that agree in what may be seen have the same tokens at the same points, and the same mask."""
    one = data.draw(case.identities)
    first, second = (
        case.format.canonicalize(data.draw(case.spell(each))) for each in (one, data.draw(case.sibling(one)))
    )
    assert case.format.mask(first) == case.format.mask(second)
    spaces = case.format.space(first), case.format.space(second)
    assert spaces[0].size == spaces[1].size
    point = data.draw(points(spaces[0]))
    assert spaces[0].token_at(point) == spaces[1].token_at(point)


@every_case
@given(data=st.data())
def test_no_value_has_less_room_than_stated(case: Case, data: st.DataObject) -> None:
    """No value has fewer tokens than its format says; a policy is judged by that."""
    canonical = case.format.canonicalize(data.draw(case.spell(data.draw(case.identities))))
    assert case.format.space(canonical).size >= case.format.capacity().tokens


MARK = "Zebra77"
characters = st.characters()
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(characters, max_size=40)
)
junk = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(characters, max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
oddities = st.sampled_from(
    [
        "\0",
        "\n",
        "\u2028",
        "\ud800",
        "\u202e",
        "\uff11",
        "\u0131",
        "\u00df",
        "\ufeff",
        " ",
        "-",
        "+",
        "@",
        "\U0001d7d9",
    ]
)


@st.composite
def damaged(draw: st.DrawFn, spelled: Any) -> Any:
    """A spelling with something odd put into it, where it is a string."""
    if not isinstance(spelled, str):
        return spelled
    place = draw(st.integers(0, len(spelled)))
    return spelled[:place] + draw(oddities | characters) + spelled[place + draw(st.integers(0, 1)) :]


def answer(case: Case, value: Any) -> str | InvalidValue:
    """The canonical form, or the error."""
    try:
        return case.format.canonicalize(value)
    except InvalidValue as error:
        return error


def check_answer(case: Case, value: Any) -> None:
    """The answer is a canonical form that stays one, or an error that quotes nothing."""
    answered = answer(case, value)
    if isinstance(answered, InvalidValue):
        assert answered.__cause__ is None
        assert answered.__context__ is None or answered.__suppress_context__
        assert MARK not in answered.detail
        assert not (isinstance(value, str) and len(value) > 7 and value in answered.detail)
        assert answered.detail.isascii()
    else:
        assert case.format.canonicalize(case.format.present(answered)) == answered
        assert answered.encode()


@every_case
@given(data=st.data())
def test_anything_at_all_gets_an_answer(case: Case, data: st.DataObject) -> None:
    """Whatever JSON brings is a value or an `InvalidValue` that does not quote it."""
    spelled = data.draw(case.spell(data.draw(case.identities)))
    check_answer(case, data.draw(junk | damaged(spelled)))


@every_case
@pytest.mark.parametrize(
    "value",
    [
        MARK,
        MARK * 1_000_000,
        "1" * 1_000_000,
        "-" * 1_000_000,
        "[" * 100_000,
        [MARK],
        {MARK: MARK},
        b"x",
        object(),
        10**5000,
        {1: 2},
    ],
    ids=lambda value: f"{type(value).__name__} {str(type(value))[:0]}",
)
def test_the_huge_and_the_strange_get_an_answer(case: Case, value: object) -> None:
    """What is too long or no JSON at all is refused like anything else."""
    check_answer(case, value)


@every_case
@given(data=st.data())
def test_any_text_may_be_asked_about(case: Case, data: st.DataObject) -> None:
    """`recognizes` answers for any text, and what it recognises is no value."""
    text = data.draw(st.text(characters, max_size=60))
    if case.format.recognizes(text):
        refusal(case, text)
