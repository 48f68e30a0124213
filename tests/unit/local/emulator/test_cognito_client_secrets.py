"""Two secrets of an app client, as Cognito's API reference describes them."""

import pytest
from botocore.exceptions import ClientError
from werkzeug.test import Client

from local.emulator import oauth
from local.emulator.server import application


@pytest.fixture(scope="module")
def web():
    """The emulator's WSGI application."""
    return Client(application())


@pytest.fixture
def cognito(clients):
    return clients("cognito-idp")


@pytest.fixture
def client(cognito):
    """An app client with a secret, in a pool with a domain."""
    pool = cognito.create_user_pool(PoolName="tokenvault")["UserPool"]["Id"]
    cognito.create_user_pool_domain(Domain="tokenvault", UserPoolId=pool)
    scopes = [{"ScopeName": "read", "ScopeDescription": "read"}]
    cognito.create_resource_server(UserPoolId=pool, Identifier="vault", Name="vault", Scopes=scopes)
    return cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="checkout",
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=["vault/read"],
    )["UserPoolClient"]


@pytest.fixture
def named(client):
    return {"UserPoolId": client["UserPoolId"], "ClientId": client["ClientId"]}


def _listed(cognito, named):
    return cognito.list_user_pool_client_secrets(**named)["ClientSecrets"]


def _status(web, client, secret):
    form = {"grant_type": "client_credentials", "client_id": client["ClientId"], "client_secret": secret}
    return web.post(oauth.PATH, data=form).status_code


def test_both_secrets_get_access_tokens_until_one_is_deleted(web, cognito, client, named):
    """A client changes over whenever it likes in between."""
    [old] = _listed(cognito, named)
    new = cognito.add_user_pool_client_secret(**named)["ClientSecretDescriptor"]
    values = client["ClientSecret"], new["ClientSecretValue"]
    assert [_status(web, client, value) for value in values] == [200, 200]
    cognito.delete_user_pool_client_secret(**named, ClientSecretId=old["ClientSecretId"])
    assert [_status(web, client, value) for value in values] == [400, 200]


def test_a_list_shows_ids_and_times_and_no_value(cognito, client, named):
    """The id is the client's with the time behind it; the oldest comes first."""
    cognito.add_user_pool_client_secret(**named)
    listed = _listed(cognito, named)
    assert all(set(shown) == {"ClientSecretId", "ClientSecretCreateDate"} for shown in listed)
    times = [int(shown["ClientSecretCreateDate"].timestamp()) for shown in listed]
    assert times == sorted(times)
    assert [shown["ClientSecretId"] for shown in listed] == [f"{client['ClientId']}--{at}" for at in times]


def test_there_are_two_at_most_and_one_at_least(cognito, named):
    """A third is refused, and so is deleting the last one."""
    cognito.add_user_pool_client_secret(**named)
    with pytest.raises(ClientError, match="LimitExceededException"):
        cognito.add_user_pool_client_secret(**named)
    first, last = (shown["ClientSecretId"] for shown in _listed(cognito, named))
    cognito.delete_user_pool_client_secret(**named, ClientSecretId=first)
    with pytest.raises(ClientError, match="InvalidParameterException"):
        cognito.delete_user_pool_client_secret(**named, ClientSecretId=last)


def test_an_unknown_secret_is_not_found(cognito, named):
    """Deleting what is not there changes nothing."""
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        cognito.delete_user_pool_client_secret(**named, ClientSecretId="nobody--1")
    assert len(_listed(cognito, named)) == 1


def test_a_secret_of_ones_own_is_not_answered(web, cognito, client, named):
    """Whoever gave it has it."""
    given = "a_secret_of_ones_own_0001"
    made = cognito.add_user_pool_client_secret(**named, ClientSecret=given)["ClientSecretDescriptor"]
    assert "ClientSecretValue" not in made
    assert _status(web, client, given) == 200


def test_a_client_is_described_with_the_secret_that_is_left(cognito, client, named):
    """What Terraform reads after a rotation is a secret that works."""
    [old] = _listed(cognito, named)
    new = cognito.add_user_pool_client_secret(**named)["ClientSecretDescriptor"]
    assert (
        cognito.describe_user_pool_client(**named)["UserPoolClient"]["ClientSecret"] == client["ClientSecret"]
    )
    cognito.delete_user_pool_client_secret(**named, ClientSecretId=old["ClientSecretId"])
    described = cognito.describe_user_pool_client(**named)["UserPoolClient"]
    assert described["ClientSecret"] == new["ClientSecretValue"]


def test_a_public_client_gets_no_secret(cognito, client):
    """It has none, so there is none to take the place of."""
    pool = client["UserPoolId"]
    made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="public")["UserPoolClient"]
    with pytest.raises(ClientError, match="InvalidParameterException"):
        cognito.add_user_pool_client_secret(UserPoolId=pool, ClientId=made["ClientId"])
