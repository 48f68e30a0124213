"""The API: it answers, and lets nobody in without an access token."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tokenvault_client.doctor.findings import Finding, failed, not_checked, ok
from tokenvault_client.http import ConnectionFailed, Response, Transport

REFUSED: Final = frozenset({401, 403})
NO_KEY: Final = frozenset({403})
ANSWERED: Final = frozenset({200})

SECONDS: Final = 15.0
"""How long a request may take; the first ones find the functions cold."""


def check(api: Transport) -> Iterator[Finding]:
    """Requests of nobody."""
    yield health(api)
    yield answered("API: no access token", lambda: api.send("GET", "/v1/types", {}, None, SECONDS), REFUSED)
    forged = {"Authorization": f"Bearer {_forged()}"}
    yield answered(
        "API: forged access token", lambda: api.send("GET", "/v1/types", forged, None, SECONDS), REFUSED
    )


def health(api: Transport) -> Finding:
    """Whether the API answers: here no answer is a failure too, which elsewhere says nothing."""
    name = "API: answers"
    try:
        status = api.send("GET", "/v1/health", {}, None, SECONDS).status
    except ConnectionFailed as error:
        return failed(name, f"no answer: {error}")
    return ok(name, "health is 200") if status in ANSWERED else failed(name, f"health is {status}, not 200")


def answered(name: str, send: Callable[[], Response], expected: frozenset[int]) -> Finding:
    """Whether the status of an answer is one of those expected; other refusals say nothing."""
    try:
        status = send().status
    except ConnectionFailed as error:
        return not_checked(name, f"no answer: {error}")
    if status in expected:
        return ok(name, f"refused with {status}")
    if says_nothing(status):
        return not_checked(name, f"the API answered {status}")
    return failed(name, f"the API answered {status}, not {' or '.join(map(str, sorted(expected)))}")


def says_nothing(status: int) -> bool:
    """Whether the API was too busy, or broken, to decide."""
    return status == 429 or status >= 500


def _forged() -> str:
    """What looks like an access token, signed by nobody."""
    parts: tuple[Mapping[str, str], ...] = (
        {"alg": "RS256", "kid": "tokenvault-doctor"},
        {"scope": "vault/read", "token_use": "access"},
    )
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, base64.urlsafe_b64encode(bytes(256)).rstrip(b"=").decode()])
