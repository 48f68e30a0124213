"""Bytes from outside as text: UTF-8 only, since a wrong guess spoils text in silence."""

import codecs
from typing import Final

_MARKS: Final = (
    # The mark of UTF-32 in one byte order begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}".encode()


def without_mark(beginning: bytes) -> bytes:
    """The beginning of an input without the byte-order mark that some tools write before UTF-8.

    Raises `ValueError`, whose text says what the input is, if it has the mark of another encoding.
    """
    for mark, name in _MARKS:
        if beginning.startswith(mark):
            raise ValueError(f"the input is {name}; UTF-8 is needed")
    return beginning.removeprefix(codecs.BOM_UTF8)


def decoded(line: bytes) -> str:
    """A line as text. Raises `ValueError`, whose text says what is wrong with the line and quotes nothing."""
    if b"\0" in line:
        raise ValueError("holds a NUL character; is the input UTF-16? UTF-8 is needed")
    if _REPLACEMENT in line:
        raise ValueError("holds U+FFFD, which stands where text was read in the wrong encoding")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
