"""A client of the stack: gets its access token, and calls the API."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from local.loopback import direct

ANSWER_SECONDS: Final = 35
"""A little longer than a function may take."""


class TokenRefusedError(Exception):
    """The token endpoint gave no access token; the message is its error code (RFC 6749, 5.2)."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, its body parsed."""

    status: int
    headers: Mapping[str, str]
    body: Any


def access_token(token_url: str, client: Mapping[str, Any], scopes: Sequence[str] = ()) -> str:
    """An access token by client credentials (RFC 6749, 4.4). Without scopes: all that the client has.

    Raises `TokenRefusedError`.
    """
    form = {"grant_type": "client_credentials", **({"scope": " ".join(scopes)} if scopes else {})}
    basic = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    answer = send("POST", token_url, headers, urllib.parse.urlencode(form).encode())
    if answer.status != 200:
        raise TokenRefusedError(str(answer.body.get("error", answer.status)))
    return str(answer.body["access_token"])


def call(
    url: str,
    method: str,
    token: str | None,
    api_key: str | None,
    body: Any = None,
    *,
    seconds: float = ANSWER_SECONDS,
) -> Answer:
    """One request to the API. Credentials that are None are left out."""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    headers |= {"Authorization": f"Bearer {token}"} if token is not None else {}
    headers |= {"x-api-key": api_key} if api_key is not None else {}
    raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    return send(method, url, headers, raw, seconds=seconds)


def send(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    *,
    seconds: float = ANSWER_SECONDS,
) -> Answer:
    """One HTTP request, answered within so many seconds; a refusal is an answer like any other."""
    request = urllib.request.Request(url, data=body, headers=dict(headers), method=method)
    try:
        with direct(request, timeout=seconds) as answer:
            return Answer(answer.status, dict(answer.headers), _parsed(answer.read()))
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code, dict(refused.headers), _parsed(refused.read()))


def _parsed(raw: bytes) -> Any:
    return json.loads(raw) if raw else None
