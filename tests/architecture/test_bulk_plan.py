"""The plans for 10⁹ rows in `docs/bulk.md`, and values in `docs/exports.md`: their sums are right."""

import math
import re
from pathlib import Path

import pytest

from benchmarks import prices

ROOT = Path(__file__).resolve().parents[2]
PLANS = {"bulk": "### A plan for 10⁹ rows", "exports": "### A plan for 10⁹ values"}


def table(page: str) -> str:
    """The table of a page's plan."""
    text = (ROOT / f"docs/{page}.md").read_text()
    return text.split(PLANS[page])[1].split("| what | sum | dollars |")[1].split("\n\n")[0]


def rows(page: str) -> list[list[str]]:
    """Its rows, the last of which is the sum."""
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table(page).splitlines()[2:]]


PRODUCTS = [(page, *row) for page in PLANS for row in rows(page)[:-1]]


def value(text: str) -> float:
    """A sum as it is written: numbers with commas, units, products, quotients. What an = gives is taken."""
    shown = text.rpartition("=")[2]
    terms = [re.findall(r"([×/]?) ?([0-9][0-9,.]*)", term) for term in shown.split(" + ")]
    total = 0.0
    for term in terms:
        product = 1.0
        for sign, number in term:
            factor = float(number.replace(",", ""))
            product = product / factor if sign == "/" else product * factor
        total += product
    return total


@pytest.mark.parametrize(
    ("page", "what", "sum_", "dollars"), PRODUCTS, ids=[" ".join(row[:2]) for row in PRODUCTS]
)
def test_each_product_is_right(page: str, what: str, sum_: str, dollars: str) -> None:
    """To a cent, or to what the rounding of a number of GB makes of it."""
    assert math.isclose(value(sum_), float(dollars), abs_tol=0.011), (page, what)


@pytest.mark.parametrize("page", PLANS)
def test_the_sum_is_right(page: str) -> None:
    """That of the column."""
    *products, total = rows(page)
    assert round(sum(float(row[2]) for row in products), 2) == float(total[2].strip("*"))


@pytest.mark.parametrize("page", PLANS)
def test_prices_are_those_that_benchmarks_have(page: str) -> None:
    """One list of prices for the project."""
    shown = table(page)
    assert f"{prices.LAMBDA_GB_SECOND:.10f}" in shown
    assert f"{prices.DYNAMODB_WRITE_UNIT * 1e6} / 1,000,000" in shown
    assert f"{prices.LAMBDA_REQUEST * 1e6:.2f} / 1,000,000" in shown


def test_an_export_has_prices_of_its_own() -> None:
    """Reads, and signatures, which Terraform's dashboard multiplies by too."""
    assert f"{prices.DYNAMODB_READ_UNIT * 1e6} / 1,000,000" in table("exports")
    assert f"{prices.KMS_SIGNATURE * 1e4:.2f} / 10,000" in table("exports")
    written = (ROOT / "terraform/modules/bulk/variables.tf").read_text()
    assert f"optional(number, {prices.KMS_SIGNATURE:.6f})" in written
