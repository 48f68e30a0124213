"""Parquet through the tool: tokens in the mapped columns, other columns as they were in type and value."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.client import tool
from tests.client.bulk.imports import CARD, Files, keys, killed_behind, run, sent
from tests.client.service import Service


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path, "in.parquet")


def write(files: Files, columns: dict[str, Any], mapped: str = CARD, **options: Any) -> pa.Table:
    table = pa.table(columns)
    files.write(b"", mapped)
    parquet.write_table(table, files.source, **options)
    return table


def test_only_the_mapped_columns_change(service: Service, files: Files) -> None:
    """Types, values, nulls, order and compression of the others stay; so do nulls and empty texts."""
    table = write(
        files,
        {
            "amount": pa.array([Decimal("1.10"), None, Decimal("0.00")], pa.decimal128(9, 2)),
            "card": ["0041", None, ""],
            "at": pa.array([datetime.datetime(2026, 1, 2), None, None], pa.timestamp("ns", "UTC")),
            "nested": [{"a": [1, 2]}, None, {"a": []}],
            "mail": pa.array(["a@b", "c@d", None], pa.large_string()),
            "kind": pa.array(["x", "y", "x"]).dictionary_encode(),
            "raw": [b"\xff", b"", None],
            "n": pa.array([1.5, float("inf"), None], pa.float32()),
        },
        CARD + '[columns.mail]\ntype = "email"\n',
        compression="gzip",
    )
    ended = run(service, files)
    assert (ended.code, ended.lines) == (0, ["3 rows, 3 values, 0 bad cells"])
    made = parquet.read_table(files.out)
    assert made.schema == table.schema
    assert made.drop(["card", "mail"]) == table.drop(["card", "mail"])
    assert made["card"].to_pylist() == ["1400", None, ""]
    assert made["mail"].to_pylist() == ["b@a", "d@c", None]
    assert parquet.ParquetFile(files.out).metadata.row_group(0).column(0).compression == "GZIP"
    assert sorted(files.folder.iterdir()) == [files.source, files.folder / "map.toml", files.out]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pa.array([41.0]), "is double: digits may be lost"),
        (pa.array([41.0], pa.float32()), "is float: digits may be lost"),
        (pa.array([Decimal(41)], pa.decimal128(19, 0)), "is decimal128"),
        (pa.array([41]), "is int64: zeros at the front are lost"),
        (pa.array([b"41"]), "is binary: a column of strings is needed"),
        (pa.array([True]), "is bool: a column of strings is needed"),
        (pa.array([["41"]]), "a column of strings is needed"),
    ],
)
def test_a_column_that_is_no_text_is_refused_by_name(
    service: Service, files: Files, column: pa.Array, said: str
) -> None:
    """Before anything is sent."""
    write(files, {"card": column})
    ended = run(service, files)
    assert (ended.code, 'column "card"' in ended.err, said in ended.err) == (2, True, True)
    assert service.seen == []


def test_integers_keep_their_digits_if_the_map_says_so(service: Service, files: Files) -> None:
    """Tokens are strings, and so is their column then."""
    write(files, {"card": pa.array([6205500000000000004, None], pa.int64())}, CARD + 'integers = "digits"\n')
    assert run(service, files).code == 0
    assert sent(service) == ["6205500000000000004"]
    made = parquet.read_table(files.out)["card"]
    assert (made.type, made.to_pylist()) == (pa.string(), ["6205500000000000004"[::-1], None])


def test_text_in_scientific_notation_is_refused_with_its_row(service: Service, files: Files) -> None:
    """And null in the output."""
    write(files, {"card": ["41", "4.1E+15"]})
    assert run(service, files).code == 1
    assert [(bad["row"], bad["column"], bad["rule"]) for bad in files.bad_rows] == [
        (2, "card", "scientific_notation")
    ]
    assert parquet.read_table(files.out)["card"].to_pylist() == ["14", None]


def test_subjects_may_be_integers(service: Service, files: Files) -> None:
    """Of a column that stays as it is; dictionaries of strings are strings."""
    cards = pa.array(["41", "42", "41"]).dictionary_encode()
    write(files, {"id": [7, 8, None], "card": cards}, CARD + 'subject = "id"\n')
    assert run(service, files).code == 1
    assert [item["subject"] for item in service.seen[0].body["items"]] == ["7", "8"]
    assert parquet.read_table(files.out)["id"].to_pylist() == [7, 8, None]
    assert [bad["rule"] for bad in files.bad_rows] == ["subject_missing"]


def test_subjects_and_metadata_may_be_uuids(service: Service, files: Files) -> None:
    """DuckDB keeps the ids of many systems so. They are sent as people write them, and stay as they were."""
    ids = [UUID("00000000-0000-4000-8000-00000000ab00"), UUID(int=0), None]
    table = write(
        files,
        {"card": ["41", "42", "43"], "who": pa.array(ids, pa.uuid()), "order": pa.array(ids, pa.uuid())},
        f'{CARD}subject = "who"\nmetadata = ["order"]\n',
    )
    assert run(service, files).code == 1
    assert [(bad["row"], bad["rule"]) for bad in files.bad_rows] == [(3, "subject_missing")]
    items = service.seen[0].body["items"]
    assert [item["subject"] for item in items] == [str(each) for each in ids if each is not None]
    assert items[0]["metadata"] == {"order": "00000000-0000-4000-8000-00000000ab00"}
    assert parquet.read_table(files.out)["who"] == table["who"]


@pytest.mark.parametrize("content", [b"", b"PAR1 and no more", b"card\n41\n"])
def test_what_is_no_parquet_is_told(service: Service, files: Files, content: bytes) -> None:
    """And not quoted."""
    files.write(content)
    ended = run(service, files)
    assert (ended.code, "no Parquet file, or a damaged one" in ended.err) == (2, True)


def test_a_column_that_is_not_there_is_told(service: Service, files: Files) -> None:
    """By its name in the map."""
    write(files, {"kard": ["41"]})
    assert 'schema: no column is named "card"' in run(service, files).err


def test_killed_it_goes_on_across_row_groups(service: Service, files: Files) -> None:
    """In the middle of a group too; each value once, in its row."""
    table = write(
        files,
        {"n": list(range(3000)), "card": [f"{n:06}" for n in range(3000)]},
        row_group_size=1100,
    )
    for chunks in (12, 24):
        killed_behind(service, files, chunks)
    assert run(service, files).code == 0
    made = parquet.read_table(files.out)
    assert made["n"] == table["n"]
    assert made["card"].to_pylist() == [f"{n:06}"[::-1] for n in range(3000)]
    assert all(len(bodies) == 1 for bodies in keys(service).values())
    assert sorted(sent(service)) == [f"{n:06}" for n in range(3000)]


def test_killed_it_does_not_go_on_with_columns_in_another_order(service: Service, files: Files) -> None:
    """Tokens of one column would come out in the other one, in the rows before."""
    columns = ['[columns.card]\ntype = "card_number"\n', '[columns.note]\ntype = "text"\n']
    values = [f"{n:06}" for n in range(3000)]
    write(files, {"card": values, "note": [f"note {value}" for value in values]}, "".join(columns))
    killed_behind(service, files, 12)
    (files.folder / "map.toml").write_text("".join(reversed(columns)))
    assert "the map is not the one that this output was begun with" in run(service, files).err
    (files.folder / "map.toml").write_text("".join(columns))
    assert run(service, files).code == 0
    assert parquet.read_table(files.out)["card"].to_pylist() == [value[::-1] for value in values]


def test_an_empty_table_stays_one(service: Service, files: Files) -> None:
    """With its columns."""
    table = write(files, {"card": pa.array([], pa.string())})
    assert run(service, files).code == 0
    assert parquet.read_table(files.out) == table


def test_without_pyarrow_it_says_what_to_install(service: Service, files: Files) -> None:
    """The plain client has no dependencies, and reads the other formats."""
    write(files, {"card": ["41"]})
    hidden = files.folder / "hidden"
    hidden.mkdir()
    (hidden / "pyarrow.py").write_text("raise ImportError")
    environment = {**service.environment(), "PYTHONPATH": f"{hidden}:{tool.SOURCE}"}
    ended = tool.run(environment, *files.arguments())
    assert (ended.code, "Parquet needs the package pyarrow: pip install pyarrow" in ended.err) == (2, True)
