"""Lines in order, in bounded memory: sorted piece by piece into files that are merged while they are read."""

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import Final

PIECE_BYTES: Final = 32 * 1024 * 1024
"""How much is sorted at a time."""

_MOST_FILES: Final = 64
"""Files that are open at once; more pieces than that are merged into one on the way."""


class SortedLines:
    """Lines of bytes, each ended by a newline. One that is added twice is there once."""

    def __init__(self, folder: Path, piece_bytes: int = PIECE_BYTES) -> None:
        """`folder` is for the files of these lines alone; the caller removes it."""
        folder.mkdir()
        self._folder, self._piece_bytes = folder, piece_bytes
        self.added = 0
        self._waiting: list[bytes] = []
        self._size, self._made = 0, 0
        self._pieces: list[Path] = []

    def add(self, line: bytes) -> None:
        """Takes a line in."""
        self.added += 1
        self._waiting.append(line)
        self._size += len(line)
        if self._size >= self._piece_bytes:
            self._write_waiting()

    def __iter__(self) -> Iterator[bytes]:
        self._write_waiting()
        return self._merged()

    def _merged(self) -> Iterator[bytes]:
        with ExitStack() as opened:
            files = [opened.enter_context(piece.open("rb")) for piece in self._pieces]
            for line, _ in groupby(heapq.merge(*files)):
                yield line

    def _write_waiting(self) -> None:
        if self._waiting:
            self._waiting.sort()
            self._pieces.append(self._write(iter(self._waiting)))
            self._waiting, self._size = [], 0
        if len(self._pieces) >= _MOST_FILES:
            merged = self._write(self._merged())
            for piece in self._pieces:
                piece.unlink()
            self._pieces = [merged]

    def _write(self, lines: Iterator[bytes]) -> Path:
        self._made += 1
        piece = self._folder / str(self._made)
        with piece.open("wb") as file:
            file.writelines(lines)
        return piece
