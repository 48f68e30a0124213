"""Cognito's addresses for people: to authorize, to get tokens, and to take them back."""

import urllib.parse
from dataclasses import dataclass, field
from typing import Final

from tokenvault_client.access_tokens import EARLY_SECONDS, granted, json_object, refusal
from tokenvault_client.deadlines import Deadline
from tokenvault_client.errors import ConfigurationError
from tokenvault_client.http import Transport
from tokenvault_client.people.codes import Attempt
from tokenvault_client.retries import Retries
from tokenvault_client.settings import HEADER_TEXT

_TOKEN: Final = "/token"  # noqa: S105  # a path
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Granted:
    """An access token for so many seconds, its scopes, and the refresh token for the next one."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scopes: frozenset[str]
    seconds: float


class Endpoint:
    """The token endpoint, as a client without a secret uses it, and its neighbours."""

    def __init__(self, token_url: str, client_id: str, transport: Transport, retries: Retries) -> None:
        """`transport` reaches the folder of the token endpoint. Raises `ConfigurationError`."""
        if not token_url.endswith(_TOKEN):
            raise ConfigurationError("TOKENVAULT_TOKEN_URL must end with /oauth2/token, as Cognito's does")
        self._client_id, self._transport, self._retries = client_id, transport, retries
        self.authorize_url = f"{token_url.removesuffix(_TOKEN)}/authorize"

    def redeem(self, attempt: Attempt, code: str, deadline: Deadline) -> Granted:
        """What a code gives. It is sent once: a code that comes twice ends the sign-in.

        Raises `Unauthenticated` or `Unavailable`.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        return self._granted(form, deadline, "", Retries(attempts=1))

    def refresh(self, refresh_token: str, deadline: Deadline) -> Granted:
        """The next tokens. Raises `Unauthenticated` once the sign-in has ended, or `Unavailable`."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self._granted(form, deadline, refresh_token, self._retries)

    def revoke(self, refresh_token: str, deadline: Deadline) -> None:
        """Ends a sign-in. Raises `Unauthenticated` or `Unavailable`."""
        self._send("/revoke", {"token": refresh_token}, deadline, self._retries)

    def _granted(self, form: dict[str, str], deadline: Deadline, before: str, retries: Retries) -> Granted:
        body = self._send(_TOKEN, form, deadline, retries)
        text, lifetime, scopes = granted(body)
        # Without rotation the one before stays good, and none comes along.
        refresh_token = json_object(body).get("refresh_token") or before
        if not (isinstance(refresh_token, str) and HEADER_TEXT.fullmatch(refresh_token)):
            raise ConfigurationError(
                "the token endpoint gave no refresh token: no client that people sign in to"
            )
        return Granted(text, refresh_token, scopes, max(lifetime - EARLY_SECONDS, lifetime / 2))

    def _send(self, path: str, form: dict[str, str], deadline: Deadline, retries: Retries) -> bytes:
        body = urllib.parse.urlencode({"client_id": self._client_id, **form}).encode()
        answer = retries.run(
            lambda seconds: self._transport.send("POST", path, _FORM, body, seconds), deadline
        )
        if answer.status != 200:
            raise refusal(answer)
        return answer.body
