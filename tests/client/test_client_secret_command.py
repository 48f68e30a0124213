"""`tokenvault client-secret`: a client's secret is replaced while both work."""

import json
import re
import resource
import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from werkzeug.serving import BaseWSGIServer, make_server

from local.caller import TokenRefusedError, access_token
from local.emulator.server import QuietHandler, application, listen
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

    def run(self, command: str, *options: str, **given: Any) -> tool.Ended:
        with self.start(command, *options, **given) as running:
            return tool.end(running)

    def start(self, command: str, *options: str, **given: Any) -> subprocess.Popen[bytes]:
        environment = {
            "AWS_ENDPOINT_URL": given.get("endpoint", self.endpoint),
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }
        named = ("--user-pool", self.pool, "--client-id", given.get("client_id", self.id))
        arguments = ("client-secret", command, *named, *options)
        return tool.start(environment, *arguments, prepare=given.get("prepare"))

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


@contextmanager
def served(server: BaseWSGIServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Cognito alone, over HTTP."""
    with served(listen("127.0.0.1", 0, SERVICES)) as url:
        yield url


@dataclass
class Holding:
    """The same Cognito, which makes secrets and holds its answers back."""

    url: str = ""
    made: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = list(application(SERVICES)(environ, start_response))
        if environ["HTTP_X_AMZ_TARGET"].endswith(".AddUserPoolClientSecret"):
            self.made.set()
            self.go_on.wait(60)
        return answer


@pytest.fixture
def holding() -> Iterator[Holding]:
    """A Cognito whose answers do not come in time."""
    made = Holding()
    with served(make_server("127.0.0.1", 0, made, threaded=True, request_handler=QuietHandler)) as made.url:
        yield made
        made.go_on.set()


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


def test_a_folder_is_no_file_for_it(client: AppClient, tmp_path: Path) -> None:
    """Nothing is added where nothing could be kept."""
    for folder in (".", str(tmp_path)):
        ended = client.run("add", "--out", folder)
        assert (ended.code, len(client.ids())) == (2, 1)
        assert "--out: a folder; the name of a new file in it is needed" in ended.err


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


@pytest.mark.parametrize("room", [0, 5])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_full_disk_leaves_the_id_of_the_secret_and_no_file(
    client: AppClient, tmp_path: Path, room: int, options: tuple[str, ...]
) -> None:
    """Also if some bytes still fit; what was added is then taken back by that id."""
    file = tmp_path / "secret"
    prepare = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (room, room))
    ended = client.run("add", "--out", str(file), *options, prepare=prepare)
    older, newer = client.ids()
    assert (ended.code, ended.out, file.exists()) == (6, "", False), ended
    [told] = ended.err.splitlines()
    said = json.loads(told)["error"]["detail"] if options else told
    assert f"--out: File too large; {newer} of " in said
    assert "--newer" in said
    assert client.run("retire", "--secret-id", newer, "--newer", "--yes").code == 0
    assert client.ids() == [older]


def test_a_file_that_cannot_be_taken_away_hides_nothing(
    client: AppClient, holding: Holding, tmp_path: Path
) -> None:
    """The id of the secret is told all the same."""
    folder = tmp_path / "folder"
    folder.mkdir()
    prepare = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (0, 0))
    out = ("--out", str(folder / "secret"))
    with client.start("add", *out, endpoint=holding.url, prepare=prepare) as running:
        assert holding.made.wait(30)
        folder.rename(tmp_path / "elsewhere")
        folder.write_text("no folder any more")
        holding.go_on.set()
        ended = tool.end(running)
    assert (ended.code, client.ids()[1] in ended.err) == (6, True), ended


@pytest.mark.usefixtures("signals_as_by_hand")
@pytest.mark.parametrize("options", [("--out", "secret"), ("--print",), ("--print", "--json")])
def test_an_interrupted_addition_says_that_it_may_have_been_made(
    client: AppClient, holding: Holding, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """In one line; no file stays behind, and how the tool ends is as ever."""
    chosen = tuple(str(tmp_path / option) if option == "secret" else option for option in options)
    with client.start("add", *chosen, endpoint=holding.url) as running:
        assert holding.made.wait(30)
        running.send_signal(signal.SIGINT)
        ended = tool.end(running)
    assert (ended.code, ended.out, len(client.ids())) == (130, "", 2), ended
    [told] = ended.err.splitlines()
    said = ": ".join(json.loads(told)["error"].values()) if "--json" in options else told
    assert "interrupted: a secret may have been made; `client-secret list` shows it" in said
    assert list(tmp_path.iterdir()) == []


def test_a_pool_that_is_none_is_refused() -> None:
    """The Region is read from its id, so that has to be one."""
    ended = tool.run({}, "client-secret", "list", "--user-pool", "main", "--client-id", "a")
    assert (ended.code, "the id of a user pool is needed" in ended.err) == (2, True)
