"""Where people sign in: Cognito's hosted pages, with a button a user in the place of password and code.

Whoever reaches the emulator is root in its account, so a password would protect nothing.
Source: https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html
"""

import html
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from moto.cognitoidp.models import CognitoIdpUserPool, CognitoIdpUserPoolClient
from werkzeug.wrappers import Request, Response

from local.emulator.services.cognito import known_scopes
from local.emulator.services.cognito_keys import backends
from local.emulator.sign_ins import CHALLENGE, SignIn, SignIns

PATH: Final = "/oauth2/authorize"
ASKED: Final = ("client_id", "redirect_uri", "scope", "state", "code_challenge")
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # With "no-referrer" a browser sends the page's own form with `Origin: null`, as if it were another's
    # (Fetch standard, "append a request Origin header").
    "Referrer-Policy": "same-origin",
}


class _Refused(Exception):
    """What a client asked for is answered at its own address, by a code of RFC 6749, 4.1.2.1."""


@dataclass(frozen=True)
class _Asked:
    """A request that may be answered at its `redirect_uri`."""

    pool: CognitoIdpUserPool
    client: CognitoIdpUserPoolClient
    given: Mapping[str, str]

    @property
    def redirect_uri(self) -> str:
        return self.given["redirect_uri"]


def respond(request: Request, sign_ins: SignIns) -> Response:
    """The page, or, once a user was chosen, the way back to the client with a code."""
    given = request.form if request.method == "POST" else request.args
    asked = _asked(given)
    if asked is None:
        return Response(
            "client_id or redirect_uri is not one of a client that people sign in to.\n", 400, _HEADERS
        )
    try:
        scopes = _scopes(asked)
    except _Refused as refused:
        return _back(asked, {"error": str(refused)})
    username = given.get("username", "") if request.method == "POST" else ""
    if username not in asked.pool.users:
        return Response(_page(asked), 200, _HEADERS, mimetype="text/html")
    now = time.time()
    sign_in = SignIn(asked.pool.id, asked.client.id, username, scopes, int(now))
    code = sign_ins.code(sign_in, asked.redirect_uri, asked.given["code_challenge"], now)
    return _back(asked, {"code": code})


def _asked(given: Mapping[str, str]) -> _Asked | None:
    """Nobody is sent to an address that the client has not registered, whole (RFC 9700, 2.1)."""
    for backend in backends():
        for pool in list(backend.user_pools.values()):
            client = pool.clients.get(given.get("client_id", ""))
            urls = client.extended_config.get("CallbackURLs") or [] if client else []
            if client is not None and given.get("redirect_uri") in urls:
                return _Asked(pool, client, given)
    return None


def _scopes(asked: _Asked) -> tuple[str, ...]:
    """What is asked for, or all that the client may have. Raises `_Refused`."""
    given, config = asked.given, asked.client.extended_config
    if given.get("response_type", "code") != "code":
        raise _Refused("unsupported_response_type")
    if "code" not in (config.get("AllowedOAuthFlows") or []):
        raise _Refused("unauthorized_client")
    challenge = CHALLENGE.fullmatch(given.get("code_challenge", ""))
    if given.get("code_challenge_method", "S256") != "S256" or not challenge:
        raise _Refused("invalid_request")
    known = known_scopes(asked.pool)
    allowed = [scope for scope in config.get("AllowedOAuthScopes") or [] if scope in known]
    wanted = tuple(dict.fromkeys(given.get("scope", "").split()))
    if not set(wanted) <= set(allowed):
        raise _Refused("invalid_scope")
    return wanted or tuple(allowed)


def _back(asked: _Asked, answer: dict[str, str]) -> Response:
    """To the client, with the `state` that it sent."""
    state = {"state": asked.given["state"]} if asked.given.get("state") else {}
    return Response(
        "", 302, {**_HEADERS, "Location": f"{asked.redirect_uri}?{urlencode({**answer, **state})}"}
    )


def _page(asked: _Asked) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(asked.given.get(name, ""))}">'
        for name in ASKED
    )
    buttons = "".join(
        f'<p><button name="username" value="{html.escape(name)}">{html.escape(name)}</button> '
        f"{html.escape(', '.join(sorted(group.group_name for group in user.groups)) or 'in no group')}</p>"
        for name, user in sorted(asked.pool.users.items())
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Sign in</title>"
        f"<h1>Sign in to {html.escape(str(asked.client.extended_config.get('ClientName')))}</h1>"
        "<p>The users of this machine's pool. In AWS, Cognito asks for a password and a second factor.</p>"
        f'<form method="post" action="{PATH}">{hidden}{buttons or "<p>No users.</p>"}</form></html>'
    )
