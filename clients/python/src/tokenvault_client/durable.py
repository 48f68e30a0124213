"""What stands on the disk, whatever ends the process or the machine. All of it raises `OSError`."""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


def append(file: BinaryIO, lines: bytes) -> None:
    """Has all of these lines on the disk, behind what a file without a buffer has."""
    rest = memoryview(lines)
    while rest:  # a disk that is nearly full takes a part
        rest = rest[file.write(rest) :]
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Has the names of new files on the disk; Windows does not open folders, and needs no such call."""
    with suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
