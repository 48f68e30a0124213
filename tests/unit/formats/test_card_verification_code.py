"""Card verification codes in particular: what is one, and that a policy keeps none of them."""

from unicodedata import normalize

import pytest

from chalicelib.errors import ConfigurationError, InvalidValue
from chalicelib.formats import registry
from tests.support.policies import loaded

CODES = registry.build("card_verification_code", "cvc", {})


@pytest.mark.parametrize("value", ["000", "123", "1234", " 123\n", "\uff11\uff12\uff13"])
def test_three_or_four_digits_are_taken(value: str) -> None:
    """On the back of most cards, on the front of American Express."""
    assert CODES.canonicalize(value) == normalize("NFKC", value).strip()


@pytest.mark.parametrize("value", ["", "12", "12345", "12 3", "12-3", "\u066123", 123])
def test_other_text_is_refused(value: object) -> None:
    """Too short, too long, separators, digits of two scripts, a number."""
    with pytest.raises(InvalidValue):
        CODES.canonicalize(value)


def cvc(**written: object) -> dict[str, dict[str, object]]:
    """The types of a policy with one such type."""
    return {"cvc": {"format": "card_verification_code", **written}}


def test_no_token_may_outlive_forty_minutes() -> None:
    """Where the policy sets no longest time, 40 minutes are: a caller cannot ask for more."""
    assert loaded(cvc(default_ttl_seconds=600)).types["cvc"].max_ttl_seconds == 2400
    shorter = loaded(cvc(default_ttl_seconds=60, max_ttl_seconds=600)).types["cvc"]
    assert shorter.max_ttl_seconds == 600


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"mode": "deterministic"},
        {"default_ttl_seconds": 2401},
        {"default_ttl_seconds": 60, "max_ttl_seconds": 2401},
    ],
    ids=str,
)
def test_a_policy_that_would_keep_codes_is_refused(written: dict[str, object]) -> None:
    """No limit, no limit because equal values are to meet, a limit over 40 minutes."""
    with pytest.raises(ConfigurationError) as raised:
        loaded(cvc(**written))
    assert any("type cvc" in problem for problem in raised.value.problems)
