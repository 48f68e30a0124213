"""What a client of the stack may do, and may not: with credentials that the environment gives."""

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final

from tokenvault_client.access_tokens import REVEALING, TOKENIZING, AccessToken
from tokenvault_client.blocking import finished
from tokenvault_client.deadlines import Deadline
from tokenvault_client.doctor.api import NO_KEY, REFUSED, SECONDS, answered, says_nothing
from tokenvault_client.doctor.findings import Finding, failed, not_checked, ok
from tokenvault_client.errors import NotPermitted, ProblemError
from tokenvault_client.held_tokens import HeldTokens
from tokenvault_client.http import ConnectionFailed, Response, Transport
from tokenvault_client.parsing import load_json

MARK: Final = "tokenvault-doctor"
"""What the test value begins with; as a purpose, one that no policy lists."""

METADATA: Final = "tokenvault_doctor"
"""The name of the test token's metadata."""

LIFETIME_SECONDS: Final = 300
"""After which the test token goes by itself."""

CHECKS: Final = (
    "client: access token",
    "client: no API key",
    "client: scope missing",
    "client: reveal that is not permitted",
    "client: marked test token",
)

_CODE: Final = re.compile(r"[a-z_]{1,64}")

_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
"""As the API writes a time (RFC 3339, 5.6)."""


class _Misshapen(Exception):
    """An answer of another shape than the API's. The text says whose, and quotes nothing."""


@dataclass(frozen=True)
class Visitor:
    """Requests of one client. `api_key` is its own; access tokens are asked for as they are needed."""

    api: Transport
    access_tokens: HeldTokens
    api_key: str

    def token(self, actions: Set[str]) -> AccessToken | None:
        """An access token for any of these actions, None if the client has no scope for one.

        Raises `ProblemError`.
        """
        try:
            return finished(self.access_tokens.get(actions, Deadline.after(SECONDS)))
        except NotPermitted:
            return None

    def send(
        self, token: AccessToken, method: str, path: str, body: Any = None, *, key: bool = True
    ) -> Response:
        """One request. Raises `ConnectionFailed`."""
        headers = {"Authorization": f"Bearer {token.text}", "Content-Type": "application/json"}
        headers |= {"x-api-key": self.api_key} if key else {}
        content = None if body is None else json.dumps(body).encode()
        return self.api.send(method, path, headers, content, SECONDS)


def check(visitor: Visitor | None) -> Iterator[Finding]:
    """The checks that take a client, one after the other; without one, that they could not be made."""
    if visitor is None:
        yield from (
            not_checked(name, "no client: TOKENVAULT_CLIENT_ID, _CLIENT_SECRET and _API_KEY are not set")
            for name in CHECKS
        )
        return
    try:
        tokenizing, revealing = visitor.token(TOKENIZING), visitor.token(REVEALING)
    except ProblemError as error:
        yield failed(CHECKS[0], f"the token endpoint gave none: {error.code}")
        yield from (not_checked(name, "there is no access token to try it with") for name in CHECKS[1:])
        return
    known = tokenizing or revealing
    if known is None:
        yield failed(CHECKS[0], "it has no scope of the vault's")
        return
    yield ok(CHECKS[0], "given by the token endpoint")
    yield answered(CHECKS[1], lambda: visitor.send(known, "GET", "/v1/types", key=False), NO_KEY)
    yield scope_missing(visitor, known)
    yield forbidden_reveal(visitor, revealing or known)
    yield marked_token(visitor, tokenizing)


def scope_missing(visitor: Visitor, token: AccessToken) -> Finding:
    """A route whose scope an access token lacks; both that are tried make nothing."""
    if not token.actions() & {"detokenize", "detokenize.masked"}:
        path, body = "/v1/detokenize", _reveal()
    else:
        path, body = "/v1/search", {"items": [{"type": "text", "value": MARK}]}
    return answered(CHECKS[2], lambda: visitor.send(token, "POST", path, body), REFUSED)


def forbidden_reveal(visitor: Visitor, token: AccessToken) -> Finding:
    """A reveal for a purpose that no policy lists."""
    return answered(CHECKS[3], lambda: visitor.send(token, "POST", "/v1/detokenize", _reveal()), REFUSED)


def _reveal() -> Mapping[str, Any]:
    return {"items": [{"token": MARK}], "purpose": MARK}


def marked_token(visitor: Visitor, token: AccessToken | None) -> Finding:
    """A value of no meaning in, and a token for it out, which expires within minutes."""
    if token is None or "tokenize" not in token.actions():
        return not_checked(CHECKS[4], "this client may not tokenize")
    try:
        types = visitor.send(token, "GET", "/v1/types")
        if types.status != 200:
            return _untried(types)
        kind = _opaque(_parsed(types))
        if kind is None:
            return not_checked(CHECKS[4], "this client has no random type of format text")
        value = f"{MARK}-{secrets.token_hex(8)}"
        return _made(visitor.send(token, "POST", "/v1/tokenize", {"items": [_item(kind, value)]}), value)
    except ConnectionFailed as error:
        return not_checked(CHECKS[4], f"no answer: {error}")
    except _Misshapen as error:
        return failed(CHECKS[4], str(error))


def _untried(types: Response) -> Finding:
    """Without the types there is nothing to tokenize; whose fault that is, the status says."""
    detail = f"GET /v1/types answered {types.status}{_code(_parsed(types))}"
    return (not_checked if says_nothing(types.status) else failed)(CHECKS[4], detail)


def _item(kind: Mapping[str, Any], value: str) -> Mapping[str, Any]:
    lifetime = min(LIFETIME_SECONDS, kind.get("max_ttl_seconds") or LIFETIME_SECONDS)
    return {"type": kind["type"], "value": value, "ttl_seconds": lifetime, "metadata": {METADATA: "test"}}


def _opaque(body: Any) -> Mapping[str, Any] | None:
    """A type whose tokens keep nothing of the value, and are new each time. Raises `_Misshapen`."""
    listed = body.get("types") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not all(_is_type(one) for one in listed):
        raise _Misshapen("GET /v1/types answered no list of types")
    return next((one for one in listed if one["format"] == "text" and one["mode"] == "random"), None)


def _is_type(one: Any) -> bool:
    """Whether an entry has what is used of it, in the shape of docs/openapi.json."""
    if not isinstance(one, dict) or type(one.get("max_ttl_seconds")) not in (int, NoneType):
        return False
    return all(isinstance(one.get(name), str) for name in ("type", "format", "mode"))


def _made(answer: Response, value: str) -> Finding:
    """Whether one token was made that expires. Raises `_Misshapen`."""
    if value in answer.body.decode(errors="replace"):
        return failed(CHECKS[4], "the answer holds the value")
    body = _parsed(answer)
    if answer.status != 200:
        return failed(CHECKS[4], f"tokenizing answered {answer.status}{_code(body)}")
    match body:
        case {"results": [{"error": problem}]}:
            return failed(CHECKS[4], f"tokenizing answered 200{_code(problem)}")
        case {"results": [{"token": str(), "expires_at": None}]}:
            return failed(CHECKS[4], f"made a token that does not expire; its metadata is {METADATA}")
        case {"results": [{"token": str(), "expires_at": str(expires)}]} if _TIME.fullmatch(expires):
            return ok(CHECKS[4], f"made, and expires by itself; its metadata is {METADATA}")
    raise _Misshapen("tokenizing answered 200, with no result for one value")


def _code(problem: Any) -> str:
    """The code of a problem, to follow a status. Nothing if it is none of the API's: it may be anything."""
    code = problem.get("code") if isinstance(problem, dict) else None
    return f" {code}" if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _parsed(answer: Response) -> Any:
    try:
        return load_json(answer.body)
    except ValueError:
        return None
