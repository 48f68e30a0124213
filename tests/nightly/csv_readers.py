"""Ten thousand tokens of each format through the CSV readers of data tools, at their defaults.

The readers are 200 MB, so they are no development tools of the project: `make csv-readers` has an environment
for them.
"""

import csv
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pytest
from pyarrow import csv as arrow_csv

from chalicelib.formats import registry
from chalicelib.formats.base import TokenSpace
from chalicelib.formats.sharing import Sampled
from chalicelib.formats.standard_numbers.table import TABLE

TOKENS = 10_000
LEI = {"alphabet": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "length": 20, "check_digit": "mod97"}
SCIENTIFIC = {"alphabet": "0123456789E", "length": 12, "check_digit": "mod97"}
MEMBER = {"alphabet": "0123456789", "length": 8}
NINO = {"pattern": "[A-CEGHJ-PR-TW-Z]{2}[0-9]{6}[A-D]"}
DIGITS = {"pattern": "[1-9][0-9]{9}"}
EXPONENT = {"pattern": "[0-9]{4}[A-Z][0-9]{4}"}
MADE: list[tuple[str, dict[str, object], str]] = [
    ("card_number", {}, "4111111111111111"),
    ("card_number", {}, "501800000009"),
    ("card_number", {"keep_last": 0}, "378282246310005"),
    ("card", {}, '{"number":"4111111111111111"}'),
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
    ("custom", NINO, ""),
    ("custom", {**NINO, "keep_first": 2, "keep_last": 1}, "AB123456C"),
    ("custom", DIGITS, ""),
    ("custom", EXPONENT, ""),
    *(("standard_number", {"scheme": scheme}, "") for scheme in TABLE if scheme != "lei"),
    ("standard_number", {"scheme": "lei"}, "529900T8BM49AURSDO55"),
]
"""A format, its options, and a value; without one, values of each length."""

LONG: list[tuple[str, dict[str, object], str, set[str]]] = [
    ("card_number", {}, "6205500000000000004", {"pyarrow", "polars"}),
    ("standard_number", {"scheme": "lei"}, "", {"pyarrow"}),  # of digits alone, as hardly one is
]
"""And which readers have no whole numbers of that size."""

STOPS = {"polars": "ComputeError", "DuckDB": "ConversionException"}

Read = Callable[[Path], list[Any]]
READERS: dict[str, Read] = {
    "pandas": lambda path: pandas.read_csv(path)["token"].tolist(),
    "pyarrow": lambda path: arrow_csv.read_csv(path).column("token").to_pylist(),
    "polars": lambda path: polars.read_csv(path)["token"].to_list(),
    "DuckDB": lambda path: [row[0] for row in duckdb.read_csv(str(path)).select("token").fetchall()],
}


def spaces(name: str, options: dict[str, object], value: str) -> Sequence[TokenSpace]:
    """The tokens of the value, or of values of each length."""
    made = registry.build(name, name, options)
    if value:
        return [made.space(value if name == "card" else made.canonicalize(value))]
    assert isinstance(made, Sampled)
    return made.sample_spaces()


def drawn(space: TokenSpace, count: int) -> list[str]:
    """So many tokens of a space, the first ones and others drawn at random."""
    draw = random.Random(space.size)
    points = [*range(count // 10), *(draw.randrange(space.size) for _ in range(count - count // 10))]
    return [space.token_at(point % space.size) for point in points]


def tokens(number: int) -> list[str]:
    """Of a row of the table."""
    found = spaces(*MADE[number])
    made = [token for space in found for token in drawn(space, -(-TOKENS // len(found)))]
    random.Random(number).shuffle(made)
    return made


def test_every_format_has_its_rows() -> None:
    """A format that is added is added here, too."""
    assert {name for name, _, _ in MADE} == set(registry.FORMATS)


@pytest.mark.parametrize("number", range(len(MADE)), ids=lambda number: " ".join(map(str, MADE[number])))
def test_tokens_come_back_as_they_were_written(tmp_path: Path, number: int) -> None:
    """A column of tokens that a reader makes numbers, dates or gaps of is no column of tokens any more."""
    written = tokens(number)
    path = column(tmp_path, written)
    changed = {name: differences(read, path, written) for name, read in READERS.items()}
    assert not any(changed.values()), {name: found[:3] for name, found in changed.items() if found}


def column(folder: Path, written: list[str]) -> Path:
    """A table of them."""
    path = folder / "tokens.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "token"])
        writer.writerows(enumerate(written))
    return path


def differences(read: Read, path: Path, written: list[str]) -> list[object]:
    """What a reader made of the tokens that it changed, or why it read none."""
    try:
        found = [str(token) for token in read(path)]
    except Exception as error:  # noqa: BLE001  # each reader has errors of its own
        return [type(error).__name__]
    return [pair for pair in zip(written, found, strict=True) if pair[0] != pair[1]]


@pytest.mark.parametrize(("name", "options", "value", "readers"), LONG, ids=str)
def test_some_readers_have_no_numbers_of_nineteen_digits_or_more(
    tmp_path: Path, name: str, options: dict[str, object], value: str, readers: set[str]
) -> None:
    """What docs/formats.md says: pyarrow makes floats of such a column, and polars stops at 19 digits."""
    [space] = spaces(name, options, value)
    written = drawn(space, TOKENS)
    path = column(tmp_path, written)
    assert {reader for reader, read in READERS.items() if differences(read, path, written)} == readers


@pytest.mark.parametrize(
    ("digits", "stops"), [(50, set()), (TOKENS, {"polars"}), (3 * TOKENS, {"polars", "DuckDB"})]
)
def test_text_that_comes_late_stops_readers_that_look_at_the_first_rows(
    tmp_path: Path, digits: int, stops: set[str]
) -> None:
    """An error, and no token is changed; a column in which both kinds are mixed is none of these."""
    of_nine, of_ten = spaces("standard_number", {"scheme": "bg.vat"}, "")
    written = [of_nine.token_at(point) for point in range(digits)] + drawn(of_ten, 20)
    path = column(tmp_path, written)
    found = {reader: differences(read, path, written) for reader, read in READERS.items()}
    assert {reader: changed for reader, changed in found.items() if changed} == {
        reader: [STOPS[reader]] for reader in stops
    }


def test_a_gap_makes_one_token_of_two_in_pandas_and_leaves_cards_alone(tmp_path: Path) -> None:
    """Floats hold no odd number above 2**53: what docs/formats.md says of tokens of 16 digits."""
    cards, two = ["4111111111111111", "5555555555554444", ""], ["9163629425901111", "9163629425901112", ""]
    read = {
        name: list(map(str, pandas.read_csv(column(tmp_path, column_of))["token"].dropna().astype("int64")))
        for name, column_of in (("cards", cards), ("tokens", two))
    }
    assert read == {"cards": cards[:2], "tokens": [two[1], two[1]]}
    path = column(tmp_path, two)
    others = [reader for name, reader in READERS.items() if name != "pandas"]
    assert [list(map(str, reader(path)))[:2] for reader in others] == [two[:2]] * len(others)
