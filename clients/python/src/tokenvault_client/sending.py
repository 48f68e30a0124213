"""Parts of a request as they go out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from tokenvault_client.errors import InvalidRequest


def segment(text: str, name: str) -> str:
    """A part of a path. Half of a surrogate pair is for the service to refuse, as in `json_bytes`.

    Raises `InvalidRequest` for what would make another path of it (RFC 3986, 5.2.4), and `TypeError`, which
    names a class and no value, for what is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"a string is needed, and this is of the class {type(text).__name__}")
    if not text.strip("."):
        raise InvalidRequest.of("invalid_request", f"the {name} cannot be empty or dots; nothing was sent")
    return quote(text, safe="", errors="surrogatepass")


def json_bytes(body: Mapping[str, Any]) -> bytes:
    """The body as JSON in UTF-8; the same items always make the same bytes.

    Half of a surrogate pair goes out as it is, for the service to refuse: Python's own error quotes it.
    U+FFFD goes out escaped: raw, the service takes it for what API Gateway makes of bytes that are no UTF-8.
    """
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("\N{REPLACEMENT CHARACTER}", "\\ufffd").encode(errors="surrogatepass")


def with_items(items: Sequence[bytes], rest: Mapping[str, Any]) -> bytes:
    """The body with these items, each of which `json_bytes` made, and the rest behind them."""
    more = b"," + json_bytes(rest)[1:] if rest else b"}"
    return b'{"items":[' + b",".join(items) + b"]" + more
