"""The scheme of an Authorization field."""

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from local.access_tokens import AccessTokenRefused, AccessTokens

KEY = RSAKey.generate_key(2048, parameters={"kid": "k"})
SCOPES = frozenset({"vault/read"})
CLAIMS = {"iss": "https://pool", "token_use": "access", "scope": "vault/read", "exp": 2000}
TOKEN = jwt.encode({"alg": "RS256", "kid": "k"}, CLAIMS, KEY)


def tokens() -> AccessTokens:
    """A pool with one key, at second 1000."""
    return AccessTokens("https://pool", lambda: KeySet([KEY]).as_dict(private=False), lambda: 1000.0)


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "bEaReR   ", ""])
def test_the_scheme_is_taken_in_any_case(scheme):
    """RFC 9110, 11.1; a bare token is what Cognito's authorizer takes as well."""
    assert tokens().verify(scheme + TOKEN, SCOPES)["scope"] == "vault/read"


def test_the_claims_of_a_user_reach_the_function():
    """API Gateway hands every claim on, as text: who signed in among them, and what Cognito counts."""
    user = {"sub": "6f2b4a1c-8d53-4c0e-9b7a-2e91d05c7a44", "username": "anna", "auth_time": 1000}
    signed = jwt.encode({"alg": "RS256", "kid": "k"}, {**CLAIMS, **user}, KEY)
    claims = tokens().verify(signed, SCOPES)
    assert {name: claims[name] for name in user} == {**user, "auth_time": "1000"}


@pytest.mark.parametrize(
    "field", ["Basic " + TOKEN, "Bearer" + TOKEN, "Bearer", "", None, "Bearer x " + TOKEN]
)
def test_anything_else_is_refused(field):
    """Another scheme, none before the token, and no token at all."""
    with pytest.raises(AccessTokenRefused):
        tokens().verify(field, SCOPES)
