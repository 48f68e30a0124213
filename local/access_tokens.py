"""Access tokens, verified as a Cognito authorizer of a REST API does."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from local.loopback import direct

JWKS_SECONDS: Final = 300


class AccessTokenRefused(Exception):  # a verdict, not a failure
    """The token does not open this route. `expired` is told apart, as API Gateway does."""

    def __init__(self, *, expired: bool = False) -> None:
        super().__init__("expired" if expired else "refused")
        self.expired = expired


class AccessTokens:
    """Verifies signature, issuer, expiry, use and scope."""

    def __init__(self, issuer: str, jwks: Callable[[], Any], clock: Callable[[], float] = time.time) -> None:
        self._issuer, self._jwks, self._clock = issuer, jwks, clock
        self._lock = threading.Lock()
        self._held: tuple[float, KeySet] | None = None

    def verify(self, authorization: str | None, scopes: frozenset[str]) -> dict[str, str]:
        """The claims as API Gateway hands them on: all of them strings. Raises `AccessTokenRefused`.

        Where a method asks for scopes, only an access token will do, with any one of them:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
        """
        claims = self._claims(_token(authorization or ""))
        carried = frozenset(str(claims.get("scope", "")).split())
        if claims.get("iss") != self._issuer or claims.get("token_use") != "access" or not carried & scopes:
            raise AccessTokenRefused
        if not isinstance(claims.get("exp"), int) or claims["exp"] <= self._clock():
            raise AccessTokenRefused(expired=True)
        return {name: _text(value) for name, value in claims.items()}

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            return dict(jwt.decode(token, self._keys(), algorithms=["RS256"]).claims)
        except (JoseError, ValueError):
            raise AccessTokenRefused from None

    def _keys(self) -> KeySet:
        with self._lock:
            if self._held is None or self._held[0] <= self._clock():
                self._held = self._clock() + JWKS_SECONDS, KeySet.import_key_set(self._jwks())
            return self._held[1]


def _text(value: Any) -> str:
    """A claim as API Gateway writes it; of an array, what people report of REST APIs: `a,b`."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)


def _token(authorization: str) -> str:
    """The token of an Authorization field; Cognito's authorizer takes it without its scheme too.

    A scheme is written in any case: https://www.rfc-editor.org/rfc/rfc9110#section-11.1
    """
    scheme, _, rest = authorization.strip().partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else authorization.strip()


def jwks_of(endpoint: str, user_pool_id: str) -> Callable[[], Any]:
    """Fetches the public keys of a pool from the emulator."""

    def fetch() -> Any:
        with direct(f"{endpoint}/{user_pool_id}/.well-known/jwks.json", timeout=5) as answer:
            return json.load(answer)

    return fetch
