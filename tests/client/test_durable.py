"""What is appended to a file is on the disk as a whole, or the caller is told."""

import errno
from pathlib import Path

import pytest
from tokenvault_client.durable import append


class Nearly:
    """A file on a disk that has room for so many bytes yet, and takes at most three at once."""

    def __init__(self, path: Path, room: int) -> None:
        self._file, self._room = path.open("wb", buffering=0), room

    def write(self, given: memoryview) -> int:
        if not self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = min(len(given), self._room, 3)
        self._room -= taken
        return self._file.write(given[:taken])

    def fileno(self) -> int:
        return self._file.fileno()


@pytest.mark.parametrize("room", [3, 7, 11, 12])
def test_a_disk_that_takes_a_part_is_given_the_rest(tmp_path: Path, room: int) -> None:
    """Until all of it is there; a full one says so, and no line is taken for whole that is not."""
    file = Nearly(tmp_path / "file", room)
    lines = b"a line\nnew\n"
    if room < len(lines):
        with pytest.raises(OSError, match="No space left"):
            append(file, lines)  # type: ignore[arg-type]  # as much of a file as it takes
    else:
        append(file, lines)  # type: ignore[arg-type]  # as above
    assert (tmp_path / "file").read_bytes() == lines[:room]
