"""The plan for 10⁹ rows in `docs/bulk.md`: its products and its sum are right."""

import math
import re
from pathlib import Path

import pytest

from benchmarks import prices

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/bulk.md").read_text()
TABLE = PAGE.split("### A plan for 10⁹ rows")[1].split("| what | sum | dollars |")[1].split("\n\n")[0]
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in TABLE.splitlines()[2:]]


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


@pytest.mark.parametrize(("what", "sum_", "dollars"), ROWS[:-1], ids=[row[0] for row in ROWS[:-1]])
def test_each_product_is_right(what: str, sum_: str, dollars: str) -> None:
    """To a cent, or to what the rounding of a number of GB makes of it."""
    assert math.isclose(value(sum_), float(dollars), abs_tol=0.011), what


def test_the_sum_is_right() -> None:
    """That of the column."""
    assert round(sum(float(row[2]) for row in ROWS[:-1]), 2) == float(ROWS[-1][2].strip("*"))


def test_prices_are_those_that_benchmarks_have() -> None:
    """One list of prices for the project."""
    assert f"{prices.LAMBDA_GB_SECOND:.10f}" in TABLE
    assert f"{prices.DYNAMODB_WRITE_UNIT * 1e6} / 1,000,000" in TABLE
    assert f"{prices.LAMBDA_REQUEST * 1e6:.2f} / 1,000,000" in TABLE
