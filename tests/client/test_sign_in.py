"""`tokenvault login`: a person signs in at the emulator's user pool, and commands run as that person."""

import argparse
import base64
import io
import json
import os
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from tokenvault_client import Client, ConfigurationError, Endpoint, Unauthenticated
from tokenvault_client.blocking import finished
from tokenvault_client.cli import main as tool
from tokenvault_client.cli import signing_in
from tokenvault_client.cli.arguments import parser
from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.session import Session
from tokenvault_client.deadlines import Deadline
from tokenvault_client.people import Attempt, SignInFailed
from tokenvault_client.people.opening import endpoint_of
from tokenvault_client.settings import Settings

from local.emulator.server import listen
from local.processes import free_port
from tests.client.service import Service

USERNAME = "shop-support"


@dataclass
class Desk:
    """The user pool with a client that people sign in to, the API's fake, and what the tool said."""

    environment: dict[str, str]
    service: Service
    cognito: Any
    pool: str
    out: io.StringIO
    err: io.StringIO
    opened: list[str] = ()  # type: ignore[assignment]

    def run(self, *arguments: str, stdin: bytes = b"", **changes: str) -> Exit:
        """A run of the tool in this process."""
        self.out, self.err = io.StringIO(), io.StringIO()
        chosen: argparse.Namespace = parser().parse_args(arguments)
        environment = {**self.environment, **changes}
        streams = (io.BytesIO(stdin), self.out, self.err)
        return tool.run(Session(environment, *streams, interactive=False, as_json=chosen.json), chosen)

    def press(self, url: str) -> str:
        """What a person does in the browser; the address it is sent to."""
        page = urllib.parse.urlsplit(url)
        asked = dict(urllib.parse.parse_qsl(page.query)) | {"username": USERNAME}
        request = urllib.request.Request(
            page._replace(query="").geturl(), urllib.parse.urlencode(asked).encode()
        )
        try:
            urllib.request.build_opener(_Stay).open(request, timeout=10)
        except urllib.error.HTTPError as sent_on:
            return str(sent_on.headers["Location"])
        raise AssertionError("the page sent nobody on")

    def browser(self, url: str) -> bool:
        """Stands in for the person's browser, one that is waited for, as those in a terminal are."""
        self.opened = [*self.opened, url]

        with urllib.request.urlopen(self.press(url), timeout=10) as page:
            page.read()
        return True

    @property
    def kept(self) -> Path:
        [file] = Path(self.environment["TOKENVAULT_TOKEN_CACHE"]).glob("person-*.json")
        return file


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Where a page sends the browser is what the test asks about."""


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    """The emulator's user pools over HTTP, in this process."""
    server = listen("127.0.0.1", 0, ("cognito", "cognito_client_secrets", "cognito_keys"))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def desk(emulator: str, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A client for people with scopes of both sides, to which nobody is signed in."""
    cognito = boto3.client(
        "cognito-idp", "us-east-1", endpoint_url=emulator, aws_access_key_id="x", aws_secret_access_key="x"
    )
    pool = cognito.create_user_pool(PoolName="tokenvault")["UserPool"]["Id"]
    cognito.create_user_pool_domain(Domain="tokenvault", UserPoolId=pool)
    scopes = ("read", "detokenize", "tokenize", "approve")
    cognito.create_resource_server(
        UserPoolId=pool,
        Identifier="vault",
        Name="vault",
        Scopes=[{"ScopeName": name, "ScopeDescription": name} for name in scopes],
    )
    cognito.create_group(UserPoolId=pool, GroupName="shop/support")
    cognito.admin_create_user(UserPoolId=pool, Username=USERNAME, MessageAction="SUPPRESS")
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=USERNAME, GroupName="shop/support")
    port = free_port()
    made = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="desk",
        GenerateSecret=False,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=[f"vault/{name}" for name in scopes],
        CallbackURLs=[f"http://127.0.0.1:{port}/"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    )["UserPoolClient"]
    environment = {
        "TOKENVAULT_URL": service.url,
        "TOKENVAULT_TOKEN_URL": f"{emulator}/oauth2/token",
        "TOKENVAULT_CLIENT_ID": made["ClientId"],
        "TOKENVAULT_TOKEN_CACHE": str(tmp_path / "cache"),
    }
    usual = service.usual
    service.usual = lambda seen: usual(replace(seen, path=seen.path.removeprefix("/people")))
    monkeypatch.setattr(signing_in, "PORTS", (port,))
    made_desk = Desk(environment, service, cognito, pool, io.StringIO(), io.StringIO())
    monkeypatch.setattr(signing_in.webbrowser, "open", made_desk.browser)
    return made_desk


def claims(token: str) -> dict[str, Any]:
    """What an access token says."""
    return dict(json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "==")))


def test_whoever_signed_in_reveals_as_that_person(desk: Desk) -> None:
    """By the paths of people, without an API key, and with a token for each side."""
    assert desk.run("login") is Exit.OK
    assert desk.out.getvalue().startswith(USERNAME)
    said = desk.out.getvalue()
    assert "in shop/support\n" in said
    assert "access token (groups may allow less): vault/approve vault/detokenize vault/read" in said
    assert desk.run("detokenize", "--purpose", "refund", stdin=b"9490\n") is Exit.OK
    assert desk.run("facts", "9490") is Exit.OK
    revealed, facts = desk.service.seen
    assert revealed.path == "/people/v1/detokenize"
    assert facts.path == "/people/v1/tokens/9490"
    assert "x-api-key" not in {name.lower() for seen in desk.service.seen for name in seen.headers}
    said = claims(revealed.access_token)
    assert (said["username"], said["cognito:groups"]) == (USERNAME, ["shop/support"])
    assert claims(facts.access_token)["scope"] == "vault/read vault/tokenize"


def test_whoever_signed_in_approves_as_that_person(desk: Desk) -> None:
    """By the path of people, with a scope of its own; asking takes the one that reveals."""
    desk.run("login", "--action", "approve", "--action", "detokenize")
    assert desk.run("approvals", "approve", "0a" * 16) is Exit.OK, desk.err.getvalue()
    assert desk.run("approvals", "ask", "--purpose", "refund", stdin=b"9490\n") is Exit.OK
    looked, decided, asked = desk.service.seen
    assert (looked.method, looked.path) == ("GET", f"/people/v1/approvals/{'0a' * 16}")
    assert decided.path == f"/people/v1/approvals/{'0a' * 16}/decision"
    assert asked.path == "/people/v1/approvals"
    assert claims(decided.access_token)["username"] == USERNAME


def test_a_file_is_imported_as_whoever_signed_in(desk: Desk, tmp_path: Path) -> None:
    """With the access token of that person, and without the secret that only a service has."""
    file, mapped = tmp_path / "in.csv", tmp_path / "map.toml"
    file.write_text("card\n4111111111111111\n")
    mapped.write_text('[columns.card]\ntype = "card_number"\n')
    arguments = ("import", str(file), "--map", str(mapped), "--out", str(tmp_path / "out.csv"))
    assert desk.run(*arguments) is not Exit.OK
    assert "TOKENVAULT_CLIENT_SECRET is not set" in desk.err.getvalue()
    desk.run("login", "--action", "tokenize")
    desk.service.known_types = ("card_number",)
    assert desk.run(*arguments) is Exit.OK, desk.err.getvalue()
    assert claims(desk.service.seen[-1].access_token)["username"] == USERNAME


def test_the_sign_in_is_for_this_user_alone_and_nothing_of_it_is_shown(desk: Desk) -> None:
    """A file of rights 0600; no token, code or verifier on the terminal."""
    desk.run("login", "--action", "detokenize")
    kept = json.loads(desk.kept.read_text())["sign_ins"][0]
    assert os.stat(desk.kept).st_mode & 0o777 == 0o600
    said = desk.out.getvalue() + desk.err.getvalue()
    assert not any(kept[name] in said for name in ("access_token", "refresh_token"))
    [asked] = desk.opened
    shown = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(asked).query))
    assert (shown["code_challenge_method"], shown["response_type"]) == ("S256", "code")
    assert "code_verifier" not in asked
    desk.kept.chmod(0o644)
    assert desk.run("whoami") is Exit.NOT_CHECKED


def test_an_access_token_is_renewed_and_a_refresh_token_used_once(desk: Desk) -> None:
    """Each renewal keeps the next one; what the group says now counts from then on."""
    desk.run("login", "--action", "detokenize")
    before = json.loads(desk.kept.read_text())["sign_ins"][0]
    desk.kept.write_text(json.dumps({"sign_ins": [before | {"use_until": 0}]}))
    desk.cognito.admin_remove_user_from_group(
        UserPoolId=desk.pool, Username=USERNAME, GroupName="shop/support"
    )
    assert desk.run("detokenize", "--purpose", "refund", stdin=b"9490\n") is Exit.OK, desk.err.getvalue()
    after = json.loads(desk.kept.read_text())["sign_ins"][0]
    assert after["refresh_token"] != before["refresh_token"]
    assert "cognito:groups" not in claims(desk.service.seen[-1].access_token)


def test_a_sign_in_that_has_ended_says_what_to_do(desk: Desk) -> None:
    """Revoked, expired, or its refresh token used by somebody else: it is forgotten here."""
    desk.run("login", "--action", "detokenize")
    desk.cognito.admin_disable_user(UserPoolId=desk.pool, Username=USERNAME)
    kept = json.loads(desk.kept.read_text())["sign_ins"][0]
    desk.kept.write_text(json.dumps({"sign_ins": [kept | {"use_until": 0}]}))
    assert desk.run("detokenize", "--purpose", "refund", stdin=b"9490\n") is Exit.REFUSED
    assert "the sign-in has ended: tokenvault login" in desk.err.getvalue()
    assert desk.service.seen == []
    assert desk.run("whoami") is Exit.NOT_CHECKED


def test_signing_out_ends_it_here_and_at_the_pool(desk: Desk) -> None:
    """A copy of the file is of no use afterwards, but for the minutes of its access token."""
    desk.run("login", "--action", "detokenize")
    refresh_token = json.loads(desk.kept.read_text())["sign_ins"][0]["refresh_token"]
    assert desk.run("logout") is Exit.OK
    assert desk.run("whoami") is Exit.NOT_CHECKED
    endpoint = endpoint_of(Settings.from_env(desk.environment, for_person=True))
    with pytest.raises(Unauthenticated, match="invalid_grant"):
        finished(endpoint.refresh(refresh_token, Deadline.after(10)))


def test_without_a_browser_the_address_is_pasted(desk: Desk) -> None:
    """From whatever machine the person has a browser on; the page that does not load has the code."""
    seen: list[str] = []

    class Person(io.BytesIO):
        def readline(self, *_: Any) -> bytes:
            url = next(line for line in desk.err.getvalue().split("\n") if line.startswith("http"))
            seen.append(desk.press(url))
            return f"{seen[-1]}\n".encode()

    chosen = parser().parse_args(["login", "--no-browser", "--action", "detokenize"])
    session = Session(desk.environment, Person(), desk.out, desk.err, interactive=True, as_json=False)
    assert tool.run(session, chosen) is Exit.OK
    assert desk.opened == ()
    code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(seen[0]).query))["code"]
    assert code not in desk.out.getvalue() + desk.err.getvalue()


@pytest.mark.parametrize("pasted", [b"", b"nonsense\n", b"http://127.0.0.1/?code=x&state=another", b"//["])
def test_what_is_no_answer_to_this_sign_in_is_refused(desk: Desk, pasted: bytes) -> None:
    """An attacker's code would sign the person in as somebody else; nothing of it is repeated."""
    assert desk.run("login", "--no-browser", stdin=pasted) is Exit.USAGE
    assert "not one to this sign-in" in desk.err.getvalue()
    assert "another" not in desk.err.getvalue()


def test_a_service_in_the_environment_is_not_a_person(desk: Desk) -> None:
    """A job that has a secret runs as that service, whoever is signed in on the machine."""
    desk.run("login", "--action", "detokenize")
    given = {"TOKENVAULT_CLIENT_SECRET": "a-secret", "TOKENVAULT_API_KEY": "an-api-key"}
    service = desk.service.settings().token_url
    desk.run("detokenize", "--purpose", "x", stdin=b"9490\n", TOKENVAULT_TOKEN_URL=service, **given)
    assert desk.service.seen[-1].path == "/v1/detokenize"
    assert desk.service.seen[-1].headers["x-api-key"] == "an-api-key"


def test_nobody_signed_in_is_told_as_before(desk: Desk) -> None:
    """What a service lacks is named, and nothing is sent."""
    assert desk.run("types") is Exit.USAGE
    assert "TOKENVAULT_CLIENT_SECRET is not set" in desk.err.getvalue()


def test_a_persons_client_is_of_one_endpoint_and_has_that_persons_access_tokens(desk: Desk) -> None:
    """What the environment says of other Regions is for services; without a source there are no tokens."""
    other = {"TOKENVAULT_URL_2": "https://other.example", "TOKENVAULT_CLIENT_SECRET": "a-secret"}
    settings = Settings.from_env(desk.environment | other, for_person=True)
    assert (settings.fallbacks, settings.client_secret, settings.api_key) == ((), "", "")
    with pytest.raises(ConfigurationError, match="one user pool"):
        replace(settings, fallbacks=(Endpoint(settings.url, settings.token_url, "id", "", ""),))
    with pytest.raises(ConfigurationError, match="access_tokens of that person"):
        Client(settings)


def test_an_answer_is_looked_at_only_with_the_state() -> None:
    """Also an error: its name is told only if it is the answer to this attempt, and has the form of one."""
    attempt = replace(Attempt.new("id", 43117), state="s")
    with pytest.raises(SignInFailed, match="refused: access_denied"):
        attempt.code("/?state=s&error=access_denied")
    with pytest.raises(SignInFailed, match="no known name"):
        attempt.code("/?state=s&error=4111+1111")
    for answered in ("/?state=s&state=s&code=x", "/?state=t&code=x", "/?code=x"):
        with pytest.raises(SignInFailed, match="not one to this sign-in"):
            attempt.code(answered)
    with pytest.raises(SignInFailed, match="no code"):
        attempt.code("/?state=s&code=x&code=y")
    assert attempt.code("/?state=s&code=x") == "x"
    assert attempt.verifier not in repr(attempt)
    assert attempt.verifier not in attempt.url("https://auth.example/oauth2/authorize")


def test_the_challenge_is_that_of_rfc_7636() -> None:
    """Its appendix B."""
    verifier, challenge = (
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    )
    assert replace(Attempt.new("id", 43117), verifier=verifier).challenge == challenge
