"""A table of the stub in a file: so many records would be most of a process's memory, which is measured."""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, MutableMapping
from pathlib import Path
from typing import Final

SEGMENTS: Final = 16
"""Into how many a scan may cut the table."""

Row = tuple[str, str, str]
"""Partition key, sort key, and the item as JSON."""

_CREATE: Final = """
CREATE TABLE IF NOT EXISTS items
(segment INTEGER, pk TEXT, sk TEXT, item TEXT, PRIMARY KEY (segment, pk, sk)) WITHOUT ROWID
"""


class TableOnDisk:
    """Partitions by their key, as the stub has them in dictionaries; and, unlike those, scanned in segments.

    The stub asks for one thing at a time, from any thread.
    """

    def __init__(self, path: Path, *, cache_mb: int = 2) -> None:
        """`cache_mb` is how much of the file SQLite may hold in memory."""
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for setting in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = {-1024 * cache_mb}"):
            self._file.execute(f"PRAGMA {setting}")
        self._file.execute(_CREATE)

    def fill(self, rows: Iterable[Row]) -> None:
        """Stores many items at once."""
        self._file.execute("BEGIN")
        for pk, sk, item in rows:
            self.put(pk, sk, item)
        self._file.execute("COMMIT")

    def put(self, pk: str, sk: str, item: str) -> None:
        """Stores an item in its place, whatever was there."""
        self._file.execute("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?)", (_segment(pk), pk, sk, item))

    def under(self, pk: str) -> dict[str, str]:
        """The items of a partition by sort key."""
        asked = "SELECT sk, item FROM items WHERE segment = ? AND pk = ?"
        return dict(self._file.execute(asked, (_segment(pk), pk)))

    def delete(self, pk: str, sk: str) -> None:
        """Takes an item away."""
        self._file.execute(
            "DELETE FROM items WHERE segment = ? AND pk = ? AND sk = ?", (_segment(pk), pk, sk)
        )

    def scan(self, segment: int, after: tuple[str, str], limit: int) -> list[Row]:
        """Up to so many items of a segment, in an order that says nothing of when they came."""
        asked = (
            "SELECT pk, sk, item FROM items WHERE segment = ? AND (pk, sk) > (?, ?) ORDER BY pk, sk LIMIT ?"
        )
        return self._file.execute(asked, (segment, *after, limit)).fetchall()

    def __getitem__(self, pk: str) -> MutableMapping[str, str]:
        return _Partition(self, pk)

    def get(self, pk: str, _: object = None) -> MutableMapping[str, str]:
        """As `dict.get`; a partition without items is an empty one."""
        return self[pk]

    def close(self) -> None:
        """Lets the file go."""
        self._file.close()


class _Partition(MutableMapping[str, str]):
    def __init__(self, table: TableOnDisk, pk: str) -> None:
        self._table, self._pk = table, pk

    def __getitem__(self, sk: str) -> str:
        return self._table.under(self._pk)[sk]

    def __setitem__(self, sk: str, item: str) -> None:
        self._table.put(self._pk, sk, item)

    def __delitem__(self, sk: str) -> None:
        self._table.delete(self._pk, sk)

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.under(self._pk))

    def __len__(self) -> int:
        return len(self._table.under(self._pk))


def _segment(pk: str) -> int:
    return zlib.crc32(pk.encode()) % SEGMENTS
