"""The page about formats says what the code does."""

import inspect
from importlib import resources

import pytest

from chalicelib.formats import iban_countries, registry
from tests.support.formats_page import PAGE, built, page, power


def test_the_page_is_what_the_code_makes_of_it() -> None:
    """A change of a format without its page fails here; `python -m tests.support.formats_page` writes it."""
    assert PAGE.read_text() == page()


def test_numbers_are_written_so_that_they_can_be_read() -> None:
    """Small ones as they are, others as a power of ten."""
    assert [power(number) for number in (1000, 5.54, 2.5e-7, 9 * 10**11)] == [
        "1,000",
        "5.5",
        "2.5·10<sup>-7</sup>",
        "9·10<sup>11</sup>",
    ]


@pytest.mark.parametrize("name", registry.FORMATS)
def test_every_example_is_a_canonical_value(name: str) -> None:
    """What the page shows as a value is one."""
    made = built(name)
    assert made.canonicalize(made.present(made.facts.example)) == made.facts.example


def test_the_page_names_the_release_of_the_iban_registry() -> None:
    """The release in use, with its date, as beside the table; python-stdnum's table is of the same one."""
    assert "release 101 of December 2025" in inspect.getdoc(iban_countries)
    assert "registry, release 101 of December 2025" in PAGE.read_text()
    listed = resources.files("stdnum").joinpath("iban.dat").read_text(encoding="utf-8")
    assert listed.startswith("# generated from iban-registry-v101.txt\n")
