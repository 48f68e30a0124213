import base64
import json

import pytest
from botocore.exceptions import ClientError
from joserfc import jwk, jwt
from joserfc.errors import InvalidKeyIdError
from werkzeug.test import Client

from local.emulator import oauth
from local.emulator.server import application

SCOPES = ("tokenize", "read", "erase")


@pytest.fixture
def cognito(clients):
    return clients("cognito-idp")


@pytest.fixture
def pool(cognito):
    """A pool with a domain and the resource server `vault`."""
    pool_id = cognito.create_user_pool(PoolName="tokenvault")["UserPool"]["Id"]
    cognito.create_user_pool_domain(Domain="tokenvault", UserPoolId=pool_id)
    cognito.create_resource_server(
        UserPoolId=pool_id,
        Identifier="vault",
        Name="vault",
        Scopes=[{"ScopeName": scope, "ScopeDescription": scope} for scope in SCOPES],
    )
    return pool_id


def _add_client(cognito, pool, **changes):
    settings = {
        "ClientName": "checkout",
        "GenerateSecret": True,
        "AllowedOAuthFlows": ["client_credentials"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthScopes": ["vault/tokenize", "vault/read"],
    }
    return cognito.create_user_pool_client(UserPoolId=pool, **(settings | changes))["UserPoolClient"]


@pytest.fixture
def client(cognito, pool):
    return _add_client(cognito, pool)


@pytest.fixture(scope="module")
def web():
    """The emulator's WSGI application."""
    return Client(application())


def _basic(client, secret=None):
    pair = f"{client['ClientId']}:{client['ClientSecret'] if secret is None else secret}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def _ask(web, headers=None, **form):
    return web.post(oauth.PATH, data={"grant_type": "client_credentials", **form}, headers=headers)


def _claims(web, pool, response):
    keys = jwk.KeySet.import_key_set(web.get(f"/{pool}/.well-known/jwks.json").json)
    return jwt.decode(response.json["access_token"], keys, algorithms=["RS256"]).claims


class TestClientCredentials:
    def test_an_access_token_verifies_against_the_published_keys(self, web, pool, client):
        """The claims are Cognito's, and the signature is by a key of the pool's key set."""
        response = _ask(web, _basic(client), scope="vault/read")
        claims = _claims(web, pool, response)
        assert response.status_code == 200
        assert (response.json["token_type"], response.json["expires_in"]) == ("Bearer", 3600)
        assert claims["iss"] == f"https://cognito-idp.us-east-1.amazonaws.com/{pool}"
        assert claims["sub"] == claims["client_id"] == client["ClientId"]
        assert (claims["token_use"], claims["version"], claims["scope"]) == ("access", 2, "vault/read")
        assert claims["exp"] - claims["iat"] == 3600
        assert claims["auth_time"] == claims["iat"]
        assert set(claims) == {
            "sub", "token_use", "scope", "auth_time", "iss", "exp", "iat", "version", "jti", "client_id",
        }  # fmt: skip

    def test_no_scope_asks_for_all(self, web, pool, client):
        """A client that names no scope gets every one it may have."""
        assert _claims(web, pool, _ask(web, _basic(client)))["scope"] == "vault/tokenize vault/read"

    def test_credentials_may_stand_in_the_form(self, web, client):
        """A client authenticates by HTTP Basic or by two fields of the form."""
        form = {"client_id": client["ClientId"], "client_secret": client["ClientSecret"]}
        assert _ask(web, **form).status_code == 200

    def test_the_lifetime_is_the_clients(self, web, cognito, pool):
        """AccessTokenValidity counts in the unit that the client states."""
        short = _add_client(
            cognito, pool, AccessTokenValidity=15, TokenValidityUnits={"AccessToken": "minutes"}
        )
        response = _ask(web, _basic(short))
        claims = _claims(web, pool, response)
        assert response.json["expires_in"] == claims["exp"] - claims["iat"] == 900

    def test_a_token_is_not_to_be_stored(self, web, client):
        """An answer with an access token forbids caches to keep it."""
        assert _ask(web, _basic(client)).headers["Cache-Control"] == "no-store"

    def test_each_pool_signs_with_its_own_key(self, web, cognito, pool, client):
        """The keys of one pool do not verify a token of another."""
        other = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
        with pytest.raises(InvalidKeyIdError):
            _claims(web, other, _ask(web, _basic(client)))


class TestRefusals:
    def _code(self, response):
        assert response.status_code == 400
        return response.json["error"]

    def test_a_wrong_secret(self, web, client):
        """A secret that is not the client's is an invalid client."""
        assert self._code(_ask(web, _basic(client, "wrong"))) == "invalid_client"

    def test_an_unknown_client(self, web, pool):
        """A client that no pool has is an invalid client."""
        assert self._code(_ask(web, client_id="nobody", client_secret="x")) == "invalid_client"

    @pytest.mark.parametrize("header", ["Basic ?", "Basic bm9jb2xvbg==", "Bearer YTpi"])
    def test_a_malformed_header(self, web, client, header):
        """An Authorization header that is not HTTP Basic is an invalid client."""
        assert self._code(_ask(web, {"Authorization": header})) == "invalid_client"

    def test_no_credentials(self, web, client):
        """A request that names no client is an invalid request."""
        assert self._code(_ask(web)) == "invalid_request"

    def test_two_different_clients(self, web, client):
        """The form must not name another client than the header."""
        assert self._code(_ask(web, _basic(client), client_id="other")) == "invalid_request"

    @pytest.mark.parametrize("scope", ["vault/erase", "vault/read vault/erase", "openid", "vault/unheard-of"])
    def test_a_scope_the_client_may_not_have(self, web, client, scope):
        """One scope too many refuses the whole request."""
        assert self._code(_ask(web, _basic(client), scope=scope)) == "invalid_scope"

    def test_a_client_of_another_flow(self, web, cognito, pool):
        """A client that does not allow the client credentials grant is unauthorized."""
        other = _add_client(cognito, pool, AllowedOAuthFlows=["code"])
        assert self._code(_ask(web, _basic(other))) == "unauthorized_client"

    def test_a_client_whose_flows_are_off(self, web, cognito, pool):
        """Flows count only where the client's OAuth features are turned on."""
        other = _add_client(cognito, pool, AllowedOAuthFlowsUserPoolClient=False)
        assert self._code(_ask(web, _basic(other))) == "unauthorized_client"

    def test_a_client_without_a_custom_scope(self, web, cognito, pool):
        """There is nothing to grant to a client with standard scopes only."""
        other = _add_client(cognito, pool, AllowedOAuthScopes=["openid"])
        assert self._code(_ask(web, _basic(other))) == "invalid_grant"

    def test_a_client_without_a_secret(self, web, cognito, pool):
        """A public client cannot authenticate, with the secret moto made for it or without."""
        other = _add_client(cognito, pool, GenerateSecret=False, AllowedOAuthFlows=["code"])
        assert self._code(_ask(web, client_id=other["ClientId"])) == "invalid_client"

    def test_a_pool_without_a_domain(self, web, cognito, client, pool):
        """The endpoint lives under the pool's domain, so without one nobody gets in."""
        cognito.delete_user_pool_domain(Domain="tokenvault", UserPoolId=pool)
        assert self._code(_ask(web, _basic(client))) == "invalid_client"

    def test_another_grant(self, web, client):
        """Other grants than client credentials are not supported here."""
        assert self._code(_ask(web, _basic(client), grant_type="password")) == "unsupported_grant_type"

    def test_no_grant(self, web, client):
        """A request without a grant type is an invalid request."""
        assert (
            self._code(web.post(oauth.PATH, data={"scope": "x"}, headers=_basic(client))) == "invalid_request"
        )

    def test_a_json_body(self, web, client):
        """The endpoint takes forms only."""
        answer = web.post(oauth.PATH, json={"grant_type": "client_credentials"}, headers=_basic(client))
        assert self._code(answer) == "invalid_request"

    def test_no_refusal_quotes_a_secret(self, web, client):
        """Neither the answer nor the credentials' own representation holds the secret."""
        assert "sesame" not in _ask(web, _basic(client, "sesame")).text
        assert "sesame" not in repr(oauth._Credentials("id", "sesame"))


class TestControlPlane:
    def test_a_resource_server_goes(self, cognito, pool):
        """A deleted resource server is gone, and cannot be deleted twice."""
        cognito.delete_resource_server(UserPoolId=pool, Identifier="vault")
        assert cognito.list_resource_servers(UserPoolId=pool, MaxResults=10)["ResourceServers"] == []
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            cognito.delete_resource_server(UserPoolId=pool, Identifier="vault")

    def test_a_scope_that_no_resource_server_has_is_refused(self, cognito, pool):
        """Cognito makes no client for a scope that does not exist."""
        with pytest.raises(ClientError, match="ScopeDoesNotExistException"):
            _add_client(cognito, pool, AllowedOAuthScopes=["vault/unheard-of"])

    def test_client_credentials_need_a_secret(self, cognito, pool):
        """Cognito makes no public client for the client credentials grant."""
        with pytest.raises(ClientError, match="InvalidOAuthFlowException"):
            _add_client(cognito, pool, GenerateSecret=False)

    def test_a_password_token_is_signed_by_the_pool_too(self, web, cognito, pool):
        """Access tokens of users verify against the same key set."""
        client = _add_client(
            cognito, pool, GenerateSecret=False, AllowedOAuthFlows=["code"],
            ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
        )  # fmt: skip
        cognito.admin_create_user(UserPoolId=pool, Username="ann", MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool, Username="ann", Password="Passw0rd!x", Permanent=True
        )
        tokens = cognito.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=client["ClientId"],
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ann", "PASSWORD": "Passw0rd!x"},
        )["AuthenticationResult"]
        keys = jwk.KeySet.import_key_set(web.get(f"/{pool}/.well-known/jwks.json").json)
        assert jwt.decode(tokens["AccessToken"], keys).claims["username"] == "ann"

    def test_an_unknown_pool_has_no_keys(self, web, pool):
        """The key set of a pool that does not exist is not found."""
        assert web.get("/us-east-1_nobody/.well-known/jwks.json").status_code == 404

    def test_private_halves_are_not_published(self, web, pool):
        """A key set holds public members only."""
        (key,) = web.get(f"/{pool}/.well-known/jwks.json").json["keys"]
        assert set(key) == {"kty", "kid", "n", "e", "alg", "use"}
        assert json.dumps(key)


def test_a_pool_is_of_the_tier_essentials(clients):
    """Unless it is made, or changed, to another one."""
    cognito = clients("cognito-idp")
    plain = cognito.create_user_pool(PoolName="a")["UserPool"]["Id"]
    plus = cognito.create_user_pool(PoolName="b", UserPoolTier="PLUS")["UserPool"]["Id"]
    tiers = [
        cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["UserPoolTier"] for pool in (plain, plus)
    ]
    assert tiers == ["ESSENTIALS", "PLUS"]
