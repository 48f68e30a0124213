"""Where events come from: an export of the table, the archive, or the table itself."""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Item = dict[str, Any]


@dataclass(frozen=True)
class Unreadable:
    """A line that is no item. What stands in it is not repeated."""

    source: str
    line: int


def read_files(paths: Iterable[Path]) -> Iterator[Item | Unreadable]:
    """The items of files, compressed where their name ends in `.gz`, as DynamoDB's exports are."""
    for path in paths:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            yield from read_lines(lines, str(path))


def read_lines(lines: Iterable[bytes], source: str = "input") -> Iterator[Item | Unreadable]:
    """JSON, one item a line in DynamoDB's JSON, by itself or as `{"Item": ...}`; empty lines are passed over.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            parsed = json.loads(line)
        except (ValueError, RecursionError):
            parsed = None
        item = parsed.get("Item", parsed) if isinstance(parsed, dict) else None
        yield item if isinstance(item, dict) else Unreadable(source, number)


def read_table(client: Any, table: str) -> Iterator[Item]:
    """The items of the table; `client` is boto3's for DynamoDB."""
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]
