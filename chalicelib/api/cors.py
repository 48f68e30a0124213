"""Which pages of other origins may read an answer.

A browser sends a page's request, and shows it the answer only if that names the page's origin.
https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from collections.abc import Set
from typing import Final

EXPOSED_HEADERS: Final = "Retry-After, x-amzn-RequestId"
"""What a page may read of an answer's headers, besides the few that every page may."""


def headers(origin: str | None, allowed: Set[str]) -> dict[str, str]:
    """What an answer to a request of this origin carries; nothing where no origin is allowed.

    `origin` is the `Origin` header as it came. Origins are compared as a whole, as browsers write them
    (RFC 6454, section 6.2). `Vary` is there for other origins, too, so that no cache gives one page the
    answer for another. No answer allows credentials: nothing here knows cookies.
    """
    if not allowed:
        return {}
    if origin is None or origin not in allowed:
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": EXPOSED_HEADERS,
        "Vary": "Origin",
    }
