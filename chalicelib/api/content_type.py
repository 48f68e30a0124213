"""What a request says of its body's encoding: JSON between systems is UTF-8 (RFC 8259, section 8.1)."""

from email.message import Message
from functools import lru_cache

from chalicelib.errors import UnsupportedMediaType


def require_utf8(content_type: str) -> None:
    """Raises `UnsupportedMediaType` for a `charset` other than UTF-8.

    API Gateway hands a body on as text. What is not UTF-8 in it has become U+FFFD by then, whatever the
    header says, so another encoding cannot be decoded here any more.
    """
    if not _is_utf8(content_type):
        raise UnsupportedMediaType("the body must be UTF-8; the Content-Type header names another charset")


@lru_cache(maxsize=16)
def _is_utf8(content_type: str) -> bool:
    """Cached, since clients send the same header each time."""
    header = Message()
    header["Content-Type"] = content_type
    charset = header.get_param("charset", "utf-8")
    return isinstance(charset, str) and charset.strip().lower() in {"utf-8", "utf8"}
