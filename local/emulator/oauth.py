"""Cognito's token endpoint, which moto does not have: client credentials, codes and refresh tokens.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
"""

import base64
import binascii
import hmac
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from moto.cognitoidp.models import CognitoIdpUserPool, CognitoIdpUserPoolClient

from local.emulator.services.cognito import STANDARD_SCOPES, known_scopes
from local.emulator.services.cognito_client_secrets import secrets_of
from local.emulator.services.cognito_keys import backends, sign
from local.emulator.sign_ins import SignIns

PATH: Final = "/oauth2/token"
REVOKE_PATH: Final = "/oauth2/revoke"

SIGN_INS: Final = SignIns()
"""Those of every pool: codes and refresh tokens are random, and name their client."""

_UNIT_SECONDS: Final[Mapping[str, int]] = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_DEFAULT_VALIDITY_SECONDS: Final = 3600


class OAuthError(Exception):
    """A refusal in the words of RFC 6749, section 5.2; Cognito answers all of them with status 400."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Credentials:
    client_id: str
    secret: str

    def __repr__(self) -> str:
        return f"_Credentials(client_id={self.client_id!r}, secret=...)"


def answer(form: Mapping[str, str], authorization: str | None, now: float | None = None) -> dict[str, Any]:
    """What the token endpoint answers to a form and an Authorization header.

    Raises:
        OAuthError: in the order in which Cognito looks: request, client, grant, scope.
    """
    if form.get("grant_type", "") == "":
        raise OAuthError("invalid_request")
    credentials = _credentials(form, authorization)
    at = time.time() if now is None else now
    if form["grant_type"] in ("authorization_code", "refresh_token"):
        return _of_a_person(form, credentials, at)
    pool, client = _authenticate(credentials)
    if form["grant_type"] != "client_credentials":
        raise OAuthError("unsupported_grant_type")
    _require_flow(client)
    scopes = _granted_scopes(pool, client, form.get("scope", ""))
    lifetime = _validity_seconds(client)
    claims = _claims(pool, client, scopes, int(at), lifetime)
    return {"access_token": sign(pool, claims), "token_type": "Bearer", "expires_in": lifetime}


def revoke(form: Mapping[str, str], authorization: str | None) -> None:
    """Ends a sign-in by its refresh token. Raises `OAuthError`.

    https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html
    """
    _, client = _authenticate(_credentials(form, authorization), of_people=True)
    SIGN_INS.revoke(form.get("token", ""), client.id)


def _of_a_person(form: Mapping[str, str], credentials: _Credentials, now: float) -> dict[str, Any]:
    """Access and refresh token for a code, or for the refresh token before."""
    pool, client = _authenticate(credentials, of_people=True)
    rotation = client.extended_config.get("RefreshTokenRotation") or {}
    if form["grant_type"] == "authorization_code":
        code, redirect_uri, verifier = (
            form.get(name, "") for name in ("code", "redirect_uri", "code_verifier")
        )
        redeemed = SIGN_INS.redeem(code, client.id, redirect_uri, verifier, now)
        found = (*redeemed, now + _refresh_seconds(client)) if redeemed else None
    else:
        grace = float(rotation.get("RetryGracePeriodSeconds") or 0)
        found = SIGN_INS.rotate(form.get("refresh_token", ""), client.id, now, grace)
    user = pool.users.get(found[0].username) if found else None
    if found is None or user is None or not user.enabled:
        raise OAuthError("invalid_grant")
    sign_in, family, until = found
    lifetime = _validity_seconds(client)
    claims = _claims(pool, client, list(sign_in.scopes), int(now), lifetime)
    claims |= {"sub": user.id, "username": user.username, "auth_time": sign_in.at, "origin_jti": family}
    if user.groups:
        claims["cognito:groups"] = sorted(group.group_name for group in user.groups)
    refresh_token = SIGN_INS.refresh_token(sign_in, family, until)
    answer = {"access_token": sign(pool, claims), "refresh_token": refresh_token}
    return {**answer, "token_type": "Bearer", "expires_in": lifetime}


def _refresh_seconds(client: CognitoIdpUserPoolClient) -> int:
    """Seconds a sign-in lasts: RefreshTokenValidity, by default in days."""
    unit = (client.extended_config.get("TokenValidityUnits") or {}).get("RefreshToken") or "days"
    return int(client.extended_config["RefreshTokenValidity"]) * _UNIT_SECONDS[unit]


def _credentials(form: Mapping[str, str], authorization: str | None) -> _Credentials:
    if authorization is None:
        if not form.get("client_id"):
            raise OAuthError("invalid_request")
        return _Credentials(form["client_id"], form.get("client_secret", ""))
    scheme, _, encoded = authorization.partition(" ")
    try:
        client_id, colon, secret = (
            base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        )
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError("invalid_client") from None
    if scheme.lower() != "basic" or not colon:
        raise OAuthError("invalid_client")
    if form.get("client_id", client_id) != client_id:
        raise OAuthError("invalid_request")
    return _Credentials(client_id, secret)


def _authenticate(
    credentials: _Credentials, *, of_people: bool = False
) -> tuple[CognitoIdpUserPool, CognitoIdpUserPoolClient]:
    """The client and its pool, if the secret is right and the pool has a domain, where the endpoint lives.

    A client that people sign in to may have no secret: the code verifier, or refresh token, stands for it.
    """
    for backend in backends():
        for pool in list(backend.user_pools.values()):
            client = pool.clients.get(credentials.client_id)
            if client is None:
                continue
            public = of_people and not client.generate_secret and not credentials.secret
            if (public or _is_secret_of(client, credentials.secret)) and pool.domain is not None:
                return pool, client
    raise OAuthError("invalid_client")


def _is_secret_of(client: CognitoIdpUserPoolClient, secret: str) -> bool:
    """Any of its secrets will do. A public client has none."""
    # A comparison that stops at the first wrong byte tells an attacker how much of a guess was right.
    same = [
        hmac.compare_digest(held.value.encode("utf-8"), secret.encode("utf-8")) for held in secrets_of(client)
    ]
    return any(same)


def _require_flow(client: CognitoIdpUserPoolClient) -> None:
    config = client.extended_config
    enabled = config.get("AllowedOAuthFlowsUserPoolClient", False)
    if not enabled or "client_credentials" not in (config.get("AllowedOAuthFlows") or []):
        raise OAuthError("unauthorized_client")


def _granted_scopes(pool: CognitoIdpUserPool, client: CognitoIdpUserPoolClient, requested: str) -> list[str]:
    """The scopes that were asked for, or all that the client may have when none was.

    Only custom scopes exist in this grant: the standard ones are about a user, and there is none.
    """
    known = known_scopes(pool)
    allowed = [
        scope
        for scope in client.extended_config.get("AllowedOAuthScopes") or []
        if scope not in STANDARD_SCOPES and scope in known
    ]
    if not allowed:
        raise OAuthError("invalid_grant")
    asked = list(dict.fromkeys(requested.split()))
    if not set(asked) <= set(allowed):
        raise OAuthError("invalid_scope")
    return asked or allowed


def _validity_seconds(client: CognitoIdpUserPoolClient) -> int:
    """Seconds an access token lives: AccessTokenValidity, by default in hours, by default one."""
    validity = client.extended_config.get("AccessTokenValidity")
    if not validity:
        return _DEFAULT_VALIDITY_SECONDS
    unit = (client.extended_config.get("TokenValidityUnits") or {}).get("AccessToken") or "hours"
    return int(validity) * _UNIT_SECONDS[unit]


def _claims(
    pool: CognitoIdpUserPool, client: CognitoIdpUserPoolClient, scopes: list[str], now: int, lifetime: int
) -> dict[str, Any]:
    return {
        "sub": client.id,
        "token_use": "access",
        "scope": " ".join(scopes),
        "auth_time": now,
        "iss": f"https://cognito-idp.{pool.region}.amazonaws.com/{pool.id}",
        "exp": now + lifetime,
        "iat": now,
        "version": 2,
        "jti": str(uuid.uuid4()),
        "client_id": client.id,
    }
