"""Keeps pages in a browser out: callers of the emulator are root in its account.

A page of any site may send requests to this machine, even when it cannot read the answers. What it cannot do
is choose these fields: browsers set them (https://www.w3.org/TR/fetch-metadata/, RFC 6454, section 7). A name
of its own that resolves to this machine (DNS rebinding) shows in Host.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

_SAME: Final = ("same-origin", "none")


def is_loopback(host: str) -> bool:
    """Whether a name or an address reaches this machine only."""
    try:
        return host == "localhost" or host.endswith(".localhost") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def comes_from_elsewhere(environ: Mapping[str, Any]) -> bool:
    """Whether a request is for another host, or was made by a page that is not the emulator's own."""
    host = environ.get("HTTP_HOST", "")
    origin = environ.get("HTTP_ORIGIN")
    return (
        not is_loopback(_name(f"//{host}"))
        or (origin is not None and urlsplit(origin).netloc != host)
        or environ.get("HTTP_SEC_FETCH_SITE", "none") not in _SAME
    )


def asks_to_sign_in(environ: Mapping[str, Any]) -> bool:
    """Whether a browser was sent here by a page whose users sign in here, which changes nothing by itself."""
    return (
        environ.get("PATH_INFO") == "/oauth2/authorize"
        and environ.get("REQUEST_METHOD") == "GET"
        and is_loopback(_name(f"//{environ.get('HTTP_HOST', '')}"))
        and environ.get("HTTP_SEC_FETCH_MODE", "navigate") == "navigate"
    )


def asks_for_tokens(environ: Mapping[str, Any]) -> bool:
    """Whether a page asks where Cognito answers pages of every origin: a code or a token stands in the form.

    A preflight is not answered: Cognito's documentation promises none, and a form needs none (Fetch standard,
    "CORS-safelisted request-header").
    """
    return (
        environ.get("PATH_INFO") in ("/oauth2/token", "/oauth2/revoke")
        and environ.get("REQUEST_METHOD") == "POST"
        and is_loopback(_name(f"//{environ.get('HTTP_HOST', '')}"))
    )


def _name(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
