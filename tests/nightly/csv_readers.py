"""Ten thousand tokens of each format through the CSV readers of data tools, at their defaults.

The readers are 200 MB, so they are no development tools of the project. In an environment that has them and
what `requirements.txt` names:

    pip install pandas pyarrow polars duckdb pytest hypothesis python-stdnum
    python -m pytest tests/nightly/csv_readers.py
"""

import csv
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pytest
from pyarrow import csv as arrow_csv

from chalicelib.formats import registry

TOKENS = 10_000
LEI = {"alphabet": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "length": 20, "check_digit": "mod97"}
SCIENTIFIC = {"alphabet": "0123456789E", "length": 12, "check_digit": "mod97"}
MEMBER = {"alphabet": "0123456789", "length": 8}
MADE: list[tuple[str, dict[str, object], str]] = [
    ("card_number", {}, "4111111111111111"),
    ("card_number", {}, "501800000009"),
    ("card_number", {"keep_last": 0}, "378282246310005"),
    ("us_ssn", {}, "219099999"),
    ("us_ssn", {"keep_last": 0}, "219099999"),
    ("iban", {}, "GB82WEST12345698765432"),
    ("iban", {"keep_country": False}, "DE89370400440532013000"),
    ("email", {}, "ada@example.com"),
    ("phone", {}, "+12025550123"),
    ("phone", {"keep_last": 4}, "+12025550123"),
    ("date", {}, "1815-12-10"),
    ("date", {"keep_year": True}, "1815-12-10"),
    ("date", {"keep_year": True}, "0815-12-10"),
    ("digits", {}, "0012345678"),
    ("digits", {"keep_last": 4}, "0012345678"),
    ("text", {}, "Ada"),
    ("json", {}, "null"),
    ("card_verification_code", {}, "123"),
    ("custom", MEMBER, "00471100"),
    ("custom", {**MEMBER, "keep_first": 3}, "00471100"),
    ("custom", {**MEMBER, "length": 12, "check_digit": "luhn"}, "471100000002"),
    ("custom", LEI, "VDB6T7WPDKB2KVFO3F98"),
    ("custom", SCIENTIFIC, ""),
]

Read = Callable[[Path], list[Any]]
READERS: dict[str, Read] = {
    "pandas": lambda path: pandas.read_csv(path)["token"].tolist(),
    "pyarrow": lambda path: arrow_csv.read_csv(path).column("token").to_pylist(),
    "polars": lambda path: polars.read_csv(path)["token"].to_list(),
    "DuckDB": lambda path: [row[0] for row in duckdb.read_csv(str(path)).select("token").fetchall()],
}


def tokens(name: str, options: dict[str, object], value: str) -> list[str]:
    """As many tokens of one value, the first ones and others drawn at random."""
    made = registry.build(name, name, options)
    space = made.space(made.canonicalize(value) if value else "0" * 12)
    draw = random.Random(name)
    points = [*range(TOKENS // 10), *(draw.randrange(space.size) for _ in range(TOKENS - TOKENS // 10))]
    return [space.token_at(point % space.size) for point in points]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("name", "options", "value"), MADE, ids=str)
def test_tokens_come_back_as_they_were_written(
    tmp_path: Path, reader: str, name: str, options: dict[str, object], value: str
) -> None:
    """A column of tokens that a reader makes numbers, dates or gaps of is no column of tokens any more."""
    written = tokens(name, options, value)
    path = tmp_path / "tokens.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "token"])
        writer.writerows(enumerate(written))
    assert [str(read) for read in READERS[reader](path)] == written


@pytest.mark.parametrize(
    ("reader", "same"), [("pandas", True), ("DuckDB", True), ("pyarrow", False), ("polars", False)]
)
def test_nineteen_digits_are_too_many_for_some_readers(tmp_path: Path, reader: str, same: bool) -> None:
    """What docs/formats.md says: pyarrow makes floats of such a column, polars stops with an error."""
    written = tokens("card_number", {}, "6205500000000000004")
    path = tmp_path / "tokens.csv"
    path.write_text("token\n" + "\n".join(written) + "\n")
    try:
        read = [str(token) for token in READERS[reader](path)]
    except polars.exceptions.ComputeError:
        read = []
    assert (read == written) == same
