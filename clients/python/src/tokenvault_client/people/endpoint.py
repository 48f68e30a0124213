"""Cognito's addresses for people: to authorize, to get tokens, and to take them back."""

import urllib.parse
from dataclasses import dataclass, field
from typing import Final

from tokenvault_client import granting
from tokenvault_client.deadlines import Deadline
from tokenvault_client.errors import ConfigurationError
from tokenvault_client.held_tokens import Asking
from tokenvault_client.http import Response
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

    def __init__(self, token_url: str, client_id: str, asking: Asking) -> None:
        """`asking` sends to the folder of the token endpoint. Raises `ConfigurationError`."""
        if not token_url.endswith(_TOKEN):
            raise ConfigurationError("TOKENVAULT_TOKEN_URL must end with /oauth2/token, as Cognito's does")
        self._client_id, self.asking = client_id, asking
        self.authorize_url = f"{token_url.removesuffix(_TOKEN)}/authorize"

    async def redeem(self, attempt: Attempt, code: str, deadline: Deadline) -> Granted:
        """What a code gives. It is sent once: a code that comes twice ends the sign-in.

        Raises `Unauthenticated` or `Unavailable`.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        return await self._granted(form, deadline, "", Retries(attempts=1))

    async def refresh(self, refresh_token: str, deadline: Deadline) -> Granted:
        """The next tokens. Raises `Unauthenticated` once the sign-in has ended, or `Unavailable`."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self._granted(form, deadline, refresh_token, self.asking.retries)

    async def revoke(self, refresh_token: str, deadline: Deadline) -> None:
        """Ends a sign-in. Raises `Unauthenticated` or `Unavailable`."""
        answer = await self._send("/revoke", {"token": refresh_token}, deadline, self.asking.retries)
        if answer.status != 200:
            raise granting.refusal(answer)

    async def _granted(
        self, form: dict[str, str], deadline: Deadline, before: str, retries: Retries
    ) -> Granted:
        asked_at = self.asking.clock()
        answer = await self._send(_TOKEN, form, deadline, retries)
        found = granting.granted(answer, took=self.asking.clock() - asked_at)
        # Without rotation the one before stays good, and none comes along.
        refresh_token = granting.json_object(answer.body).get("refresh_token") or before
        if not (isinstance(refresh_token, str) and HEADER_TEXT.fullmatch(refresh_token)):
            raise ConfigurationError(
                "the token endpoint gave no refresh token: no client that people sign in to"
            )
        return Granted(found.text, refresh_token, found.scopes, found.seconds)

    async def _send(self, path: str, form: dict[str, str], deadline: Deadline, retries: Retries) -> Response:
        body = urllib.parse.urlencode({"client_id": self._client_id, **form}).encode()
        return await retries.run(
            lambda seconds: self.asking.send("POST", path, _FORM, body, seconds), self.asking.pause, deadline
        )
