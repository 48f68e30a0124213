"""A cell's text as an item to tokenize, or the rule that it breaks. Nothing about a text is ever changed."""

import re
from collections.abc import Callable
from typing import Final

from tokenvault_client.bulk.errors import BadValue
from tokenvault_client.bulk.mapping import Column
from tokenvault_client.bulk.shapes import SHAPES
from tokenvault_client.results import ImportItem, TokenizeItem

Beside = Callable[[str], str | None]
"""The text that stands in another column of the same row; None for none. Raises `BadValue`."""

_SCIENTIFIC: Final = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*)?[eE][+-][0-9]+|[+-]?[0-9]+[.,][0-9]*[eE][0-9]+")
"""As spreadsheets and data frames write it: with a sign, or a fraction. 12345678E00131 names a company."""

_FLOAT: Final = re.compile(r"-?[0-9]+\.[0-9]*")
_SUBJECT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
"""The service's rule for ids of subjects."""

_MAX_BYTES: Final = 16 * 1024
"""What the widest of the service's formats takes."""

_MAX_FACT: Final = 128
"""The service's limit for a text of metadata, in characters."""

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def is_empty(text: str | None, column: Column) -> bool:
    """Whether nothing stands in a cell, so that it stays so. Raises `BadValue` if the map forbids it."""
    if text is not None and text != "" and text not in column.nulls:
        return False
    if column.empty == "refuse":
        raise BadValue("empty", "the cell is empty, and the map refuses empty cells of this column")
    return True


def item(text: str, column: Column, beside: Beside) -> TokenizeItem:
    """The text with its subject and metadata, and with its token if it has one. Raises `BadValue`."""
    check(text, column)
    subject = _subject(column, beside)
    about = column.type, text, subject, column.ttl_seconds, _metadata(column, beside)
    if column.token_column is None:
        return TokenizeItem(*about)
    if not (token := beside(column.token_column)):
        raise BadValue("token_missing", "the row has no token; make it one with a map without token_column")
    return ImportItem(*about, token=token)


def check(text: str, column: Column) -> None:
    """What can be told of a text without the service. Raises `BadValue`."""
    if len(text.encode()) > _MAX_BYTES:
        raise BadValue("too_long", f"the cell has more than {_MAX_BYTES} bytes in UTF-8")
    if "\0" in text:
        raise BadValue("nul", "the cell holds a NUL character; is the file UTF-16?")
    if _REPLACEMENT in text:
        raise BadValue(
            "encoding", "the cell holds U+FFFD, which stands where text was read in a wrong encoding"
        )
    if column.decimals == "refuse":
        if _SCIENTIFIC.fullmatch(text):
            raise BadValue("scientific_notation", "the cell is in scientific notation, so digits may be lost")
        if _FLOAT.fullmatch(text):
            raise BadValue("float", "the cell reads as a float; take the text before it became one")
    if column.shape is not None and (why := SHAPES[column.shape](text)) is not None:
        raise BadValue("shape", f"the cell is not shaped like {column.shape}: {why}")


def _subject(column: Column, beside: Beside) -> str | None:
    if column.subject is None:
        return None
    found = beside(column.subject)
    if not found:
        raise BadValue("subject_missing", "the row has no subject, so erasing it later would miss this value")
    if not _SUBJECT.fullmatch(found):
        raise BadValue("subject", "an id of a subject is 1 to 64 of A-Z a-z 0-9 . _ : -")
    return found


def _metadata(column: Column, beside: Beside) -> dict[str, str]:
    found = {fact: text for fact, name in column.metadata.items() if (text := beside(name))}
    if any(len(text) > _MAX_FACT for text in found.values()):
        raise BadValue("metadata", f"a fact has at most {_MAX_FACT} characters")
    return found
