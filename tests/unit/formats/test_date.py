"""Dates in particular: which days there are, and that no token is one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import ConfigurationError, InvalidValue
from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat


def dates(**options: object) -> TokenFormat:
    """The format with these options."""
    return registry.build("date", "born", options)


@pytest.mark.parametrize("value", ["0001-01-01", "2000-02-29", "2024-02-29", "1582-10-10", "9999-12-31"])
def test_days_of_the_calendar_are_taken(value: str) -> None:
    """Leap days too, and days before the calendar was in use (ISO 8601 counts back)."""
    assert dates().canonicalize(value) == dates().canonicalize(value.replace("-", "")) == value


@pytest.mark.parametrize(
    "value",
    [
        "0000-01-01",
        "1900-02-29",
        "2023-02-29",
        "2023-04-31",
        "2023-13-01",
        "2023-00-01",
        "2023-01-00",
        "2023-1-1",
        "202301-01",
        "2023-0101",
        "2023-W01-1",
        "2023-001",
        "12023-01-01",
        "2023-01-01T00:00",
        "01/01/2023",
        "\u0662" + "023-01-01",
        "1982",
        "1982-05",
        20230101,
    ],
)
def test_other_text_is_refused(value: object) -> None:
    """Days that do not exist, other forms of ISO 8601 and of the world, mixed forms, a number."""
    with pytest.raises(InvalidValue):
        dates().canonicalize(value)


@pytest.mark.parametrize("keep_year", [True, False])
@given(data=st.data())
def test_no_token_is_a_date(keep_year: bool, data: st.DataObject) -> None:
    """The standard library reads no token as a date of whatever form of ISO 8601."""
    space = dates(keep_year=keep_year).space("1815-12-10")
    token = space.token_at(data.draw(st.integers(0, space.size - 1)))
    assert token.startswith("1815-") == keep_year
    with pytest.raises(ValueError, match="Invalid isoformat string"):
        date.fromisoformat(token)


def test_a_mask_shows_the_year_or_nothing() -> None:
    """The year by default; where the policy hides it, it may not stand in the token."""
    assert dates().mask("1815-12-10") == dates(keep_year=True).mask("1815-12-10") == "1815-**-**"
    assert dates(mask_year=False).mask("1815-12-10") == "****-**-**"
    with pytest.raises(ConfigurationError):
        dates(keep_year=True, mask_year=False)


def test_the_space_is_as_large_as_stated() -> None:
    """23 million tokens within a year; without it, more than anybody has customers."""
    assert dates(keep_year=True).capacity().tokens == 22 * 32**4
    assert dates().capacity().tokens == 14 * 32**9
