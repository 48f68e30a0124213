"""Which texts are taken as tokens from elsewhere: none that is a value, a card number, or a token of ours."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import ConfigurationError, InvalidValue
from chalicelib.formats.luhn import passes_luhn
from chalicelib.service.importable import imported_token, is_importable
from chalicelib.service.recognizing import has_token_form
from tests.support import policies

WORD = "tok_[A-Za-z0-9]{8}"
TYPES: dict[str, dict[str, Any]] = {
    "card_number": {"format": "card_number", "imported_tokens": {"pattern": f"{WORD}|[0-9]{{16}}"}},
    "card_same": {
        "format": "card_number",
        "imported_tokens": {"pattern": "[0-9]{16}", "own_shape": True, "values": True},
    },
    "us_ssn": {"format": "us_ssn"},
    "text": {"format": "text", "imported_tokens": {"pattern": "text_[0-9a-z]{33}", "values": True}},
    "note": {"format": "text", "imported_tokens": {"pattern": WORD}},
    "digits_same": {"format": "us_ssn", "imported_tokens": {"pattern": "[0-9]{9}", "own_shape": True}},
    "plain": {"format": "text"},
}
POLICY = policies.loaded(TYPES)


def refusal(type_name: str, token: str) -> str | None:
    """Why the token is refused for a value of the type, None if it is not."""
    try:
        imported_token(POLICY, POLICY.types[type_name], token)
    except InvalidValue as error:
        return error.detail
    return None


@pytest.mark.parametrize(
    ("type_name", "token", "why"),
    [
        ("card_number", "tok_Ab12Cd34", None),
        ("plain", "tok_Ab12Cd34", "lets no tokens"),
        ("card_number", "tok_Ab12Cd3", "pattern"),
        ("card_number", "tok_Ab12Cd34 ", "pattern"),
        ("card_number", "tok_Ab12Cd3\N{ARABIC-INDIC DIGIT FOUR}", "pattern"),
        ("card_number", "4111111111111112", "own_shape"),
        ("card_same", "4111111111111112", None),
        ("card_same", "4111111111111111", "card number"),
        ("card_same", "9999999999999995", "card number"),
        ("note", "tok_Ab12Cd34", "(values)"),
        ("digits_same", "078051121", "(values)"),
        ("digits_same", "900000000", None),
    ],
)
def test_what_is_refused_and_why(type_name: str, token: str, why: str | None) -> None:
    """The rule is named; what the policy allows by name is taken."""
    found = refusal(type_name, token)
    assert (found is None) if why is None else (found is not None and why in found)


@settings(max_examples=30)
@given(st.integers(0, 10**15 - 1))
def test_no_digits_that_pass_for_a_card_are_ever_taken(number: int) -> None:
    """Whatever the policy allows, of whatever network, and whatever signs stand between."""
    [card] = [made for last in range(10) if passes_luhn(made := f"{number:015}{last}")]
    assert refusal("card_same", card) is not None
    assert not is_importable(POLICY, card)


@settings(max_examples=30)
@given(st.integers(0, 2**128))
def test_no_opaque_token_of_ours_is_ever_taken(point: int) -> None:
    """Not even where the policy lets tokens have our shape: an expired one's place would be another's."""
    token = POLICY.types["text"].format.space("x").token_at(point)
    assert "opaque token" in str(refusal("text", token))


@settings(max_examples=50)
@given(st.text(max_size=40) | st.from_regex(r"\A(tok_[A-Za-z0-9]{8}|[0-9]{9}|[0-9]{16})\Z"))
def test_what_is_taken_has_a_form_and_is_no_value(token: str) -> None:
    """So it can be erased before it arrives, and its type takes it for no value."""
    for name in ("card_number", "digits_same", "note"):
        if refusal(name, token) is None:
            assert has_token_form(POLICY, token)
            assert token.isascii()
            with pytest.raises(InvalidValue):
                POLICY.types[name].format.canonicalize(token)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"pattern": ""}, "option pattern must be"),
        ({"pattern": "tok_.*"}, "option pattern must be"),
        ({"pattern": "[a-z]{3}"}, "4 to 128 places"),
        ({"pattern": "[a-z]{129}"}, "4 to 128 places"),
        ({"pattern": "[a-z/]{9}"}, "option pattern must be"),
        ({"pattern": "[A-Z<]{9}"}, "which no path takes"),
        ({}, "does not parse"),
        ({"pattern": "[a-z]{9}", "own_shape": "yes"}, "does not parse"),
        ({"pattern": "[a-z]{9}", "more": 1}, "does not parse"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(said: dict[str, Any], why: str) -> None:
    """When the policy loads, with the reason."""
    with pytest.raises(ConfigurationError) as refused:
        policies.loaded({"text": {"format": "text", "imported_tokens": said}})
    assert why in str(refused.value)


def test_deterministic_types_take_no_tokens_from_elsewhere() -> None:
    """One value would have two tokens, and be found by one of them."""
    said = {"pattern": "tok_[a-z]{8}"}
    with pytest.raises(ConfigurationError) as refused:
        policies.loaded({"text": {"format": "text", "mode": "deterministic", "imported_tokens": said}})
    assert "is deterministic and so takes no imported tokens" in str(refused.value)


@pytest.mark.parametrize(
    "other", ["detokenize", "detokenize.masked", "erase", "search", "subjects.read", "tokenize"]
)
def test_who_imports_may_do_nothing_else(other: str) -> None:
    """A client with another action beside `import` and `read` is refused when the policy loads."""
    written = policies.document()
    client = written["tenants"]["shop"]["clients"]["settlement"]
    client["actions"] = ["import", "read", other]
    with pytest.raises(ConfigurationError) as refused:
        policies.load(*policies.text_and_digest(written), policies.VAULT_ID, policies.registry.build)
    assert "client settlement of tenant shop may import tokens, and so no more than that and read" in str(
        refused.value
    )
