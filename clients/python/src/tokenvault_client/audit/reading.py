"""The sources of events: an export of the table, the archive, or the table itself."""

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenvault_client.encoding import without_mark
from tokenvault_client.parsing import load_json

Item = dict[str, Any]


class WrongEncoding(ValueError):
    """An input that is not UTF-8 from its first bytes on. The text says which, and what it is."""


@dataclass(frozen=True)
class Unreadable:
    """A line that is no item. What stands in it is not repeated."""

    source: str
    line: int


def read_files(paths: Iterable[Path]) -> Iterator[Item | Unreadable]:
    """The items of files, compressed if their names end in `.gz`, as DynamoDB's exports are."""
    for path in paths:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            yield from read_lines(lines, str(path))


def read_lines(lines: Iterable[bytes], source: str = "input") -> Iterator[Item | Unreadable]:
    """JSON, one item a line in DynamoDB's JSON, by itself or as `{"Item": ...}`; empty lines are passed over.

    A byte-order mark before the first line is no part of it. Raises `WrongEncoding` for an input that begins
    with the mark of another encoding than UTF-8.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
    """
    for number, raw in enumerate(lines, 1):
        line = _unmarked(raw, source) if number == 1 else raw
        if not line.strip():
            continue
        try:
            # Of a name that stands twice, other readers of the file may take the one that is not verified.
            parsed = load_json(line, names_once=True)
        except ValueError:
            parsed = None
        item = parsed.get("Item", parsed) if isinstance(parsed, dict) else None
        yield item if isinstance(item, dict) else Unreadable(source, number)


def _unmarked(line: bytes, source: str) -> bytes:
    try:
        return without_mark(line)
    except ValueError as error:
        raise WrongEncoding(f"{source}: {error}") from None


def read_table(client: Any, table: str) -> Iterator[Item]:
    """The items of the table; `client` is boto3's for DynamoDB."""
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]
