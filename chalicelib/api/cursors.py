"""Where a list goes on: a cursor for the header `Page-Cursor`, since no route takes a query string.

It is the last token of the page before, in base64url (RFC 4648, 5), so that a header can hold any of them.
"""

import base64
import re
from typing import Final

from chalicelib.errors import InvalidRequest

CURSOR: Final = re.compile(r"(?:[A-Za-z0-9_-]{4}){0,341}[A-Za-z0-9_-]{2,4}")
"""Up to about the longest token in UTF-8: 256 characters of at most four bytes."""


def written(token: str | None) -> str | None:
    """The cursor behind a token, if there is one."""
    return None if token is None else base64.urlsafe_b64encode(token.encode()).rstrip(b"=").decode()


def read(cursor: str | None) -> str | None:
    """The token that a cursor stands behind. Raises `InvalidRequest`."""
    if cursor is None:
        return None
    if not CURSOR.fullmatch(cursor):
        raise InvalidRequest("the header Page-Cursor takes the next_cursor of an answer, as it is")
    # What no answer gave stands behind some token as well, if one that never was. Bytes that are no UTF-8 are
    # left out and not replaced, which would make more of them than fit into a key of DynamoDB (2,048).
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode(errors="ignore")
