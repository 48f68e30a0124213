"""What a token endpoint is asked (RFC 6749, 4.4), and what its answers mean. No I/O."""

import base64
import binascii
import re
import urllib.parse
from collections.abc import Mapping, Set
from typing import Any, Final

from tokenvault_client.errors import Unauthenticated, Unavailable
from tokenvault_client.http import Response
from tokenvault_client.parsing import load_json
from tokenvault_client.settings import HEADER_TEXT, Endpoint
from tokenvault_client.token_cache import LONGEST_SECONDS, CachedToken

_EARLY_SECONDS: Final = 60
"""An access token is renewed so long before it expires, so that none expires on the way."""

_CODE: Final = re.compile(r"[a-z_]{1,64}")
"""As all registered codes are. What an endpoint sends in the place of one may be anything, a secret too."""


def form(scopes: Set[str]) -> bytes:
    """The body of a request for an access token with these scopes; with all there are if none is named."""
    asked = {"scope": " ".join(sorted(scopes))} if scopes else {}
    return urllib.parse.urlencode({"grant_type": "client_credentials", **asked}).encode()


def headers(endpoint: Endpoint) -> Mapping[str, str]:
    """The headers of that request.

    The client's credentials are as Cognito takes them: unlike RFC 6749 (2.3.1) not percent-encoded.
    https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
    """
    pair = f"{endpoint.client_id}:{endpoint.client_secret}"
    basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return {"Authorization": basic, "Content-Type": "application/x-www-form-urlencoded"}


def granted(answer: Response, took: float) -> CachedToken:
    """The access token of an answer that took so many seconds.

    Raises `Unauthenticated`, or `Unavailable`; of what the endpoint says only its code is repeated
    (RFC 6749, 5.2).
    """
    if answer.status != 200:
        raise refusal(answer)
    body = json_object(answer.body)
    text, lifetime = body.get("access_token"), body.get("expires_in")
    if not (isinstance(text, str) and HEADER_TEXT.fullmatch(text) and isinstance(lifetime, int)):
        raise Unauthenticated.of("no_access_token", "the token endpoint's answer holds no access token")
    scope = body.get("scope") or claims(text).get("scope")
    lifetime = max(0, min(lifetime, LONGEST_SECONDS))
    # A short one is used for at least half of its life.
    used_for = max(lifetime - _EARLY_SECONDS, lifetime / 2)
    return CachedToken(text, frozenset(str(scope or "").split()), used_for - took)


def refusal(answer: Response) -> Unauthenticated | Unavailable:
    """The error of a token endpoint; only its code is repeated (RFC 6749, 5.2)."""
    if answer.status >= 500 or answer.status == 429:
        return Unavailable.of("token_endpoint_unavailable", f"the token endpoint answered {answer.status}")
    code = json_object(answer.body).get("error")
    known = code if isinstance(code, str) and _CODE.fullmatch(code) else f"status {answer.status}"
    return Unauthenticated.of("no_access_token", f"the token endpoint gave no access token: {known}")


def claims(token: str) -> Mapping[str, Any]:
    """What a Cognito access token says of itself. Not verified: only the API needs to trust it."""
    _, _, rest = token.partition(".")
    payload = rest.partition(".")[0]
    try:
        return json_object(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except binascii.Error:
        return {}


def json_object(raw: bytes) -> Mapping[str, Any]:
    """The object in an answer, empty if it is none."""
    try:
        parsed = load_json(raw)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
