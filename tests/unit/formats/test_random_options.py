"""What holds of every format holds under whatever options a policy gives it: of 300 drawn ones, by seed."""

import random
from collections.abc import Callable
from typing import Any, Final

import pytest

from chalicelib.errors import ConfigurationError, InvalidValue
from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat

POLICIES: Final = 300
Draw = random.Random
ENDS: Final = {"keep_last": range(5), "mask_last": range(5)}
BOTH_ENDS: Final = {**ENDS, "keep_first": range(7), "mask_first": range(9)}
FLAGS: Final = (False, True)
CHOICES: Final[dict[str, dict[str, Any]]] = {
    # format: its options, and what may be drawn for each
    "card_number": {**BOTH_ENDS, "accept_unionpay_without_luhn": FLAGS},
    "card": {**BOTH_ENDS, "mask_expiry": FLAGS, "mask_initials": FLAGS, "brand": FLAGS, "bin_digits": (6, 8)},
    "us_ssn": {**ENDS, "accept_itin": FLAGS},
    "iban": {**ENDS, "keep_country": FLAGS, "accept_unregistered": FLAGS},
    "email": dict.fromkeys(
        ("fold_local", "mask_domain", "accept_dots", "accept_quoted", "accept_long_local"), FLAGS
    ),
    "phone": ENDS,
    "date": {
        **dict.fromkeys(("keep_year", "mask_year", "accept_partial"), FLAGS),
        "mask_over_age": range(80, 90),
    },
    "digits": {**ENDS, "min_length": range(3, 10)},
    "text": {"normalize": ("none", "NFC")},
    "json": {},
    "card_verification_code": {},
    "custom": {
        **BOTH_ENDS,
        "alphabet": ("0123456789ABCDEF", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"),
        "length": range(10, 24),
        "fold": ("none", "upper"),
        "ignore": ("", " .-"),
    },
    "standard_number": {
        **ENDS,
        "scheme": ("br.cnpj", "br.cpf", "de.idnr", "lei", "se.personnummer", "us.npi"),
    },
}
ALWAYS: Final = {"alphabet", "length", "scheme"}
EXAMPLES: Final = {
    "br.cnpj": "12ABC34501DE35",
    "br.cpf": "11144477735",
    "de.idnr": "36574261809",
    "lei": "213800KUD8LAJWSQ9D15",
    "se.personnummer": "198803200016",
    "us.npi": "1234567893",
}


def drawn(draw: Draw, name: str) -> dict[str, Any]:
    """Some options of a format, each of a value that it may have."""
    some = {option for option in CHOICES[name] if option in ALWAYS or draw.random() < 0.5}
    return {option: draw.choice(list(CHOICES[name][option])) for option in sorted(some)}


def value(draw: Draw, name: str, options: dict[str, Any], made: TokenFormat) -> str:
    """A value for a type of these options."""
    if name == "custom":
        return "".join(draw.choice(options["alphabet"]) for _ in range(options["length"]))
    return EXAMPLES[options["scheme"]] if name == "standard_number" else made.facts.example


def policy(number: int) -> tuple[Draw, str, dict[str, Any]]:
    """The policy of this number: a format in turn, and its options."""
    draw = Draw(number)
    name = sorted(registry.FORMATS)[number % len(registry.FORMATS)]
    return draw, name, drawn(draw, name)


def built(number: int) -> tuple[TokenFormat, str] | ConfigurationError:
    """A format with drawn options and a canonical value of it, or why the policy is refused."""
    draw, name, options = policy(number)
    try:
        made = registry.build(name, name, options)
    except ConfigurationError as refused:
        return refused
    given = value(draw, name, options, made)
    return made, made.canonicalize(made.present(given) if name in ("json", "card") else given)


def holds(check: Callable[[TokenFormat, str], None]) -> None:
    """Makes a check of each policy that loads; most of them do."""
    loaded = [each for each in map(built, range(POLICIES)) if not isinstance(each, ConfigurationError)]
    assert len(loaded) > POLICIES * 2 // 3
    for made, canonical in loaded:
        check(made, canonical)


def test_every_format_is_drawn() -> None:
    """With a choice for each of its options."""
    assert set(CHOICES) == set(registry.FORMATS)


def test_a_revealed_value_is_taken_again() -> None:
    """As the same canonical form."""

    def check(made: TokenFormat, canonical: str) -> None:
        assert made.canonicalize(made.present(canonical)) == canonical

    holds(check)


def test_no_token_is_a_value() -> None:
    """Tokens are recognized, two points are two, and none is taken in."""

    def check(made: TokenFormat, canonical: str) -> None:
        space = made.space(canonical)
        assert space.size >= made.capacity().tokens
        draw = Draw(canonical)
        points = {draw.randrange(space.size) for _ in range(5)}
        tokens = [space.token_at(point) for point in points]
        assert len(set(tokens)) == len(points)
        assert all(made.recognizes(token) for token in tokens)
        for token in tokens:
            with pytest.raises(InvalidValue):
                made.canonicalize(token)

    holds(check)


def test_no_mask_is_the_value() -> None:
    """Whatever is shown of it."""

    def check(made: TokenFormat, canonical: str) -> None:
        assert made.mask(canonical) not in (canonical, made.present(canonical))

    holds(check)


def test_a_refused_policy_says_why() -> None:
    """Each reason names the option or the rule, and none is empty."""
    refused = [each for each in map(built, range(POLICIES)) if isinstance(each, ConfigurationError)]
    assert all(each.problems and all(len(reason) > 20 for reason in each.problems) for each in refused)
