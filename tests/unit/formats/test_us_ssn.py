"""Social security numbers in particular: which are issued, and that no token ever is."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.us import itin, ssn

from chalicelib.errors import InvalidValue
from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat

WITHDRAWN = {"078051120", "457555462", "219099999"}
"""Numbers that became known to everybody; python-stdnum refuses these by name, we take them."""


EXPANDED = [f"{group:02d}" for group in range(50, 66)]
"""Groups of ITINs that the IRS added and python-stdnum does not know."""


def numbers(**options: object) -> TokenFormat:
    """The format with these options."""
    return registry.build("us_ssn", "ssn", options)


def taken(token_format: TokenFormat, value: str) -> bool:
    """Whether it is a value."""
    try:
        token_format.canonicalize(value)
    except InvalidValue:
        return False
    return True


def issued_by_irs(digits: str) -> bool:
    """python-stdnum's judgement, brought up to date."""
    older = digits[:3] + "70" + digits[5:] if digits[3:5] in EXPANDED else digits
    return bool(itin.is_valid(older))


EDGES = ["000", "001", "665", "666", "667", "899", "900", "999"]


@given(st.from_regex(r"[0-9]{9}", fullmatch=True).filter(lambda digits: digits not in WITHDRAWN))
def test_what_is_issued_is_what_stdnum_says(digits: str) -> None:
    """Any nine digits: ours and python-stdnum's judgement agree, for SSNs and with ITINs."""
    assert taken(numbers(), digits) == ssn.is_valid(digits)
    assert taken(numbers(accept_itin=True), digits) == (ssn.is_valid(digits) or issued_by_irs(digits))


def test_the_edges_are_what_stdnum_says() -> None:
    """The same at each border of area, group and serial."""
    for parts in product(EDGES, [f"{group:02d}" for group in range(100)], ["0000", "0001", "9999"]):
        digits = "".join(parts)
        assert taken(numbers(), digits) == ssn.is_valid(digits), digits
        assert taken(numbers(accept_itin=True), digits) == (ssn.is_valid(digits) or issued_by_irs(digits))


@pytest.mark.parametrize(
    "value",
    ["219-0-99999", "21909999", "2190999999", "219--09-9999", "219/09/9999", "\u0662" + "19099999"],
)
def test_other_text_is_refused(value: str) -> None:
    """Separators at other places and others, too short, too long, digits of two scripts."""
    with pytest.raises(InvalidValue):
        numbers().canonicalize(value)


@pytest.mark.parametrize(("keep_last", "size"), [(0, 14 * 32**8), (2, 14 * 32**6), (4, 14 * 32**4)])
def test_the_space_is_as_large_as_stated(keep_last: int, size: int) -> None:
    """A letter, then letters and digits, then what is kept."""
    space = numbers(keep_last=keep_last).space("219099999")
    assert space.size == size
    assert space.token_at(0) == "b" + "0" * (8 - keep_last) + "9" * keep_last


@given(st.integers(0, 14 * 32**4 - 1))
def test_no_token_is_an_issued_number(point: int) -> None:
    """python-stdnum takes no token for an SSN or ITIN."""
    token = numbers().space("219099999").token_at(point)
    assert not ssn.is_valid(token)
    assert not itin.is_valid(token)
