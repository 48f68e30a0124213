"""Events by chain and number, in bounded memory: in a SQLite file that goes when the check is done."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from tokenvault_client.audit.chains import Note
from tokenvault_client.audit.events import Event

_CACHE_KIB: Final = 64 * 1024
_AT_A_TIME: Final = 1000
_COLUMNS: Final = "chain, sequence, mac, body, at, action, previous"


class SortedEvents:
    """A file of events. An event that is added twice, as archives may have it, is there once."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("PRAGMA page_size = 8192")
        self._database.execute(
            "CREATE TABLE events (chain TEXT, sequence INTEGER, mac BLOB, digest BLOB, body BLOB, at TEXT, "
            "action TEXT, previous BLOB, PRIMARY KEY (chain, sequence, mac, digest)) WITHOUT ROWID"
        )
        self._database.execute("CREATE TABLE checkpoint_chains (chain TEXT PRIMARY KEY) WITHOUT ROWID")
        self._database.execute(
            "CREATE TABLE notes (chain TEXT, sequence INTEGER, mac BLOB, at TEXT, seen INTEGER DEFAULT 0, "
            "PRIMARY KEY (chain, sequence, mac)) WITHOUT ROWID"
        )
        self._waiting: list[tuple[object, ...]] = []

    def add(self, event: Event) -> None:
        """Takes an event in."""
        if event.action == "checkpoint":
            self._database.execute("INSERT OR IGNORE INTO checkpoint_chains VALUES (?)", (event.chain,))
        digest = hashlib.sha256(event.body).digest()
        self._waiting.append(
            (
                event.chain,
                event.sequence,
                event.mac,
                digest,
                event.body,
                event.at,
                event.action,
                event.previous,
            )
        )
        if len(self._waiting) >= _AT_A_TIME:
            self._write()

    def add_note(self, chain: str, note: Note) -> None:
        """Takes in what a checkpoint says of a chain."""
        self._database.execute(
            "INSERT OR IGNORE INTO notes (chain, sequence, mac, at) VALUES (?, ?, ?, ?)",
            (chain, note.sequence, note.mac, note.at),
        )

    def notes(self, chain: str) -> list[Note]:
        """What checkpoints say of a chain, which is thereby seen."""
        self._database.execute("UPDATE notes SET seen = 1 WHERE chain = ?", (chain,))
        found = self._database.execute("SELECT sequence, mac, at FROM notes WHERE chain = ?", (chain,))
        return [Note(*row) for row in found]

    def unseen_notes(self) -> Iterator[tuple[str, Note]]:
        """The last note of each chain of which there is no event at all."""
        found = self._database.execute(
            "SELECT chain, max(sequence), mac, at FROM notes WHERE seen = 0 GROUP BY chain"
        )
        return ((str(row[0]), Note(*row[1:])) for row in found)

    def __len__(self) -> int:
        self._write()
        return int(self._database.execute("SELECT count(*) FROM events").fetchone()[0])

    def chains(self) -> Iterator[tuple[str, Iterator[Event]]]:
        """The events of each chain in order, chain by chain."""
        self._write()
        found = self._database.execute(f"SELECT {_COLUMNS} FROM events ORDER BY chain, sequence")  # noqa: S608  # our own names
        return _by_chain(found)

    def checkpoint_chains(self) -> Iterator[tuple[str, Iterator[Event]]]:
        """Those that hold a checkpoint."""
        self._write()
        found = self._database.execute(
            f"SELECT {_COLUMNS} FROM events WHERE chain IN checkpoint_chains ORDER BY chain, sequence"  # noqa: S608  # our own names
        )
        return _by_chain(found)

    def close(self) -> None:
        """Closes the file; removing it is up to whoever made its folder."""
        self._database.close()

    def _write(self) -> None:
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._waiting
        )
        self._database.execute("COMMIT")
        self._waiting.clear()


def _by_chain(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[str, Iterator[Event]]]:
    events = (Event(*row) for row in rows)  # type: ignore[arg-type]  # the columns are the fields
    return groupby(events, key=lambda event: event.chain)
