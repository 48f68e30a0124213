"""Building formats from a policy: what cannot be built is refused with all the reasons."""

import subprocess
import sys

import pytest

from chalicelib.errors import ConfigurationError
from chalicelib.formats import registry


def problems(format_name: str, options: dict[str, object]) -> tuple[str, ...]:
    """Why a format cannot be built."""
    with pytest.raises(ConfigurationError) as raised:
        registry.build(format_name, "some-type", options)
    return raised.value.problems


@pytest.mark.parametrize("name", ["", "cards", "base", "registry", "../errors", "os", "Card_number"])
def test_only_formats_of_the_table_are_built(name: str) -> None:
    """A module that is no format cannot be reached by its name."""
    [problem] = problems(name, {})
    assert problem.startswith(f"there is no format '{name}'; the formats are card_number, ")


def test_a_type_that_says_no_format_is_told_so() -> None:
    """Its name stands for the format then; nobody wrote a wrong one."""
    with pytest.raises(ConfigurationError) as raised:
        registry.build("loyalty", "loyalty", {})
    [problem] = raised.value.problems
    assert problem.startswith("no format is set, and the type's name is not one of the formats: card_number,")


@pytest.mark.parametrize("value", [True, "4", 4.0, -1, 5, [4], {}])
def test_a_wrong_option_is_named(value: object) -> None:
    """A number must be one, and within its limits; true is not 1."""
    assert problems("card_number", {"keep_last": value}) == (
        "option keep_last must be a whole number from 0 to 4",
    )


def test_all_problems_are_told_at_once() -> None:
    """Nobody deploys twice to find two mistakes."""
    assert len(problems("card_number", {"keep_first": 7, "keep_last": 5, "color": 1, "alphabet": "x"})) == 4


@pytest.mark.parametrize("name", registry.FORMATS)
def test_an_option_of_another_format_is_refused_but_null_is_none(name: str) -> None:
    """Terraform writes all options, as null where they were not set; one that is set must mean something."""
    assert problems(name, {"no_such_option": 1})[0].startswith("the format has no option no_such_option; ")
    if name not in ("custom", "standard_number"):
        assert registry.build(name, "some-type", {"no_such_option": None, "keep_last": None}).name == name


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("card_verification_code", "none"),
        ("us_ssn", "accept_itin, keep_last, mask_last"),
        ("date", "accept_partial, keep_year, mask_over_age, mask_year"),
        (
            "custom",
            "alphabet, check_digit, check_prefix, fold, ignore, keep_first, keep_last, length, mask_first, "
            "mask_last, max_length, min_length, pattern",
        ),
    ],
)
def test_an_unknown_option_is_told_with_those_that_there_are(name: str, known: str) -> None:
    """Before anything else, since what else is missing may be what the mistyped one was to say."""
    first = problems(name, {"a_patern": "[0-9]{8}", "mask_last": "x"})[0]
    assert first == f"the format has no option a_patern; it has {known}"


def test_a_cold_start_pays_for_the_formats_of_its_policy_only() -> None:
    """Importing the table imports no format, and building one imports no other."""
    code = (
        "import sys; from chalicelib.formats import registry; registry.build('text', 't', {});"
        "print([name for name in registry.FORMATS if f'chalicelib.formats.{name}' in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "['text']"
