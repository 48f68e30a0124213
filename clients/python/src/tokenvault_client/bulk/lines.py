"""Lines of a file as they stand, whatever ends them, a block at a time."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from tokenvault_client.bulk.errors import NotImportable

MAX_ROW: Final = 8 * 1024 * 1024
"""Most bytes of a row. A longer one is a file with a missing quote, or without line ends."""

_BLOCK: Final = 256 * 1024


def lines(file: BinaryIO) -> Iterator[bytes]:
    r"""The lines with their ends, of which \n, \r\n and \r count; the last may have none.

    Raises `NotImportable` for one that is too long.
    """
    rest = b""
    while block := file.read(_BLOCK):
        found = (rest + block).splitlines(keepends=True)
        # A line that ends in \r may go on with the \n of the next block.
        rest = b"" if found[-1].endswith(b"\n") else found.pop()
        if len(rest) > MAX_ROW:
            raise too_long()
        yield from found
    if rest:
        yield rest


def too_long() -> NotImportable:
    """The error for a row that does not end."""
    return NotImportable(
        f"the file has a row of more than {MAX_ROW} bytes: is a quote or a line end missing?"
    )
