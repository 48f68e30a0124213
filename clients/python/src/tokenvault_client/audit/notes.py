"""What checkpoints say of chains, by chain: in a SQLite file, since years of them do not fit into memory."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tokenvault_client.audit.chains import Note


class Notes:
    """A file of notes."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        # The file goes when the check is done, so nothing of it needs to outlast a crash.
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(
            "CREATE TABLE notes (chain TEXT, sequence INTEGER, mac BLOB, at TEXT, seen INTEGER DEFAULT 0, "
            "PRIMARY KEY (chain, sequence, mac)) WITHOUT ROWID"
        )

    def add(self, chain: str, note: Note) -> None:
        """Takes a note in."""
        self._database.execute(
            "INSERT OR IGNORE INTO notes (chain, sequence, mac, at) VALUES (?, ?, ?, ?)",
            (chain, note.sequence, note.mac, note.at),
        )

    def of(self, chain: str) -> list[Note]:
        """The notes of a chain, which is thereby seen."""
        self._database.execute("UPDATE notes SET seen = 1 WHERE chain = ?", (chain,))
        found = self._database.execute("SELECT sequence, mac, at FROM notes WHERE chain = ?", (chain,))
        return [Note(*row) for row in found]

    def unseen(self) -> Iterator[tuple[str, Note]]:
        """The last note of each chain that was never asked for."""
        found = self._database.execute(
            "SELECT chain, max(sequence), mac, at FROM notes WHERE seen = 0 GROUP BY chain"
        )
        return ((str(row[0]), Note(*row[1:])) for row in found)

    def close(self) -> None:
        """Closes the file."""
        self._database.close()
