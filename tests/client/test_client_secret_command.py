"""`tokenvault client-secret`: a client's secret is replaced while both work."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from local.caller import TokenRefusedError, access_token
from local.emulator.server import listen
from tests.client import tool

SERVICES = ("cognito", "cognito_client_secrets", "cognito_keys")
NOBODY = "http://127.0.0.1:1"


@dataclass(frozen=True)
class AppClient:
    """A client in the emulator, and the tool on it."""

    endpoint: str
    pool: str
    id: str
    first_value: str

    def run(self, command: str, *options: str, **given: str) -> tool.Ended:
        environment = {
            "AWS_ENDPOINT_URL": given.get("endpoint", self.endpoint),
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }
        named = ("--user-pool", self.pool, "--client-id", given.get("client_id", self.id))
        return tool.run(environment, "client-secret", command, *named, *options)

    def added(self, file: Path) -> str:
        """Adds a secret and gives its value."""
        ended = self.run("add", "--out", str(file))
        assert ended.code == 0, ended
        return file.read_text().strip()

    def ids(self) -> list[str]:
        """The oldest first."""
        return [shown["id"] for shown in self.run("list", "--json").objects]

    def authenticates(self, value: str) -> bool:
        """Whether Cognito gives an access token for the secret."""
        credentials = {"client_id": self.id, "client_secret": value}
        try:
            return bool(access_token(f"{self.endpoint}/oauth2/token", credentials))
        except TokenRefusedError:
            return False


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Cognito alone, over HTTP."""
    server = listen("127.0.0.1", 0, SERVICES)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(endpoint: str) -> AppClient:
    """A new client in a pool of its own."""
    cognito = boto3.client("cognito-idp", "us-east-1", endpoint_url=endpoint, config=Config(proxies={}))
    pool = cognito.create_user_pool(PoolName="a")["UserPool"]["Id"]
    cognito.create_user_pool_domain(Domain=f"a-{pool.lower().replace('_', '-')}", UserPoolId=pool)
    scopes = [{"ScopeName": "read", "ScopeDescription": "read"}]
    cognito.create_resource_server(UserPoolId=pool, Identifier="vault", Name="vault", Scopes=scopes)
    made = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="checkout",
        GenerateSecret=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=["vault/read"],
    )["UserPoolClient"]
    return AppClient(endpoint, pool, made["ClientId"], made["ClientSecret"])


def test_a_secret_is_replaced_while_the_client_goes_on(client: AppClient, tmp_path: Path) -> None:
    """Both get access tokens from the addition to the retirement of the older; then the newer alone."""
    [old] = client.ids()
    value = client.added(tmp_path / "secret")
    assert [client.authenticates(each) for each in (client.first_value, value)] == [True, True]
    assert len(client.ids()) == 2
    retired = client.run("retire", "--secret-id", old, "--yes")
    assert (retired.code, retired.err) == (0, ""), retired
    assert retired.out.startswith(f"retired {old} of ")
    assert [client.authenticates(each) for each in (client.first_value, value)] == [False, True]
    assert old not in client.ids()


def test_the_value_goes_into_a_file_of_its_owner_and_nowhere_else(client: AppClient, tmp_path: Path) -> None:
    """The output names the id, the date and the file; a file that is there is not written over."""
    file = tmp_path / "secret"
    added = client.run("add", "--out", str(file), "--json")
    [told] = added.objects
    value = file.read_text().strip()
    assert file.stat().st_mode & 0o777 == 0o600
    assert set(told) == {"id", "created", "file"}
    assert (value in added.out + added.err, len(value) >= 24) == (False, True)
    listed, again = client.run("list"), client.run("add", "--out", str(file))
    assert again.code == 2
    assert file.read_text().strip() == value
    for ended in (listed, again):
        assert not {value, client.first_value} & set(re.split(r"\s", ended.out + ended.err))


def test_it_is_printed_where_that_is_asked_for(client: AppClient) -> None:
    """The value alone on stdout, for a pipe into a store of secrets; what it is called on stderr."""
    printed = client.run("add", "--print")
    assert printed.code == 0
    assert client.authenticates(printed.lines[0])
    assert printed.err.startswith(f"added {client.ids()[1]} of ")


def test_where_it_goes_has_to_be_said(client: AppClient) -> None:
    """Without a file and without --print nothing is made."""
    assert client.run("add").code == 2
    assert len(client.ids()) == 1


def test_a_third_secret_is_refused_with_the_two_there_are(client: AppClient, tmp_path: Path) -> None:
    """By their ids and dates, and no file stays behind."""
    client.added(tmp_path / "second")
    third = client.run("add", "--out", str(tmp_path / "third"))
    assert third.code == 2
    assert all(each in third.err for each in client.ids())
    assert not (tmp_path / "third").exists()


def test_the_only_secret_is_not_retired(client: AppClient) -> None:
    """A client without a secret would be out for good."""
    [only] = client.ids()
    for more in ((), ("--newer",)):
        refused = client.run("retire", "--secret-id", only, "--yes", *more)
        assert (refused.code, "only secret" in refused.err) == (2, True)
    assert client.authenticates(client.first_value)


def test_the_newer_secret_is_not_retired_by_mistake(client: AppClient, tmp_path: Path) -> None:
    """It is the one that clients change over to; --newer takes an addition back, and nothing else."""
    value = client.added(tmp_path / "secret")
    older, newer = client.ids()
    refused = client.run("retire", "--secret-id", newer, "--yes")
    assert (refused.code, "--newer" in refused.err) == (2, True)
    assert client.run("retire", "--secret-id", older, "--yes", "--newer").code == 2
    assert [client.authenticates(each) for each in (client.first_value, value)] == [True, True]
    assert client.run("retire", "--secret-id", newer, "--yes", "--newer").code == 0
    assert [client.authenticates(each) for each in (client.first_value, value)] == [True, False]


def test_nothing_is_retired_without_a_yes(client: AppClient, tmp_path: Path) -> None:
    """Where nobody can be asked, --yes has to say it."""
    client.added(tmp_path / "secret")
    refused = client.run("retire", "--secret-id", client.ids()[0])
    assert (refused.code, "--yes" in refused.err) == (2, True)
    assert len(client.ids()) == 2


def test_a_value_in_the_place_of_an_id_is_not_repeated(client: AppClient, tmp_path: Path) -> None:
    """Neither by the tool nor in what it says of the ids that there are."""
    value = client.added(tmp_path / "secret")
    refused = client.run("retire", "--secret-id", value, "--yes")
    assert (refused.code, value in refused.err) == (2, False)
    assert all(each in refused.err for each in client.ids())


def test_what_aws_refuses_leaves_no_file(client: AppClient, tmp_path: Path) -> None:
    """A client that the pool does not have, and an AWS that is not there."""
    file = tmp_path / "secret"
    unknown = client.run("add", "--out", str(file), client_id="nobody")
    assert (unknown.code, "ResourceNotFoundException" in unknown.err) == (4, True)
    away = client.run("add", "--out", str(file), endpoint=NOBODY)
    assert (away.code, "AWS could not be asked" in away.err) == (4, True)
    assert not file.exists()


def test_a_pool_that_is_none_is_refused() -> None:
    """The Region is read from its id, so that has to be one."""
    ended = tool.run({}, "client-secret", "list", "--user-pool", "main", "--client-id", "a")
    assert (ended.code, "the id of a user pool is needed" in ended.err) == (2, True)
