"""People who sign in at the emulator: the code flow with PKCE, and refresh tokens that are good once."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import Client

from local.emulator import oauth
from local.emulator.server import application
from local.emulator.sign_ins import CODE_SECONDS, SignIn, SignIns

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "http://127.0.0.1:43117/"


@pytest.fixture(scope="module")
def web() -> Client:
    """The emulator's WSGI application."""
    return Client(application())


@pytest.fixture
def cognito(clients: Any) -> Any:
    return clients("cognito-idp")


@pytest.fixture
def pool(cognito: Any) -> str:
    """A pool with anna in the group that supports."""
    made = str(cognito.create_user_pool(PoolName="tokenvault")["UserPool"]["Id"])
    cognito.create_user_pool_domain(Domain="tokenvault", UserPoolId=made)
    scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "tokenize")]
    cognito.create_resource_server(UserPoolId=made, Identifier="vault", Name="vault", Scopes=scopes)
    cognito.create_group(UserPoolId=made, GroupName="shop/support")
    cognito.admin_create_user(UserPoolId=made, Username="anna", MessageAction="SUPPRESS")
    cognito.admin_add_user_to_group(UserPoolId=made, Username="anna", GroupName="shop/support")
    return made


@pytest.fixture
def desk(cognito: Any, pool: str) -> str:
    """Id of the client that people sign in to."""
    made = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="desk",
        GenerateSecret=False,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["vault/read", "vault/tokenize"],
        CallbackURLs=[CALLBACK],
        AccessTokenValidity=15,
        RefreshTokenValidity=12,
        TokenValidityUnits={"AccessToken": "minutes", "RefreshToken": "hours"},
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    )
    return str(made["UserPoolClient"]["ClientId"])


def sign_in(web: Client, desk: str, **changes: str) -> Any:
    """What the sign-in answers once anna was chosen."""
    asked = {
        "client_id": desk,
        "redirect_uri": CALLBACK,
        "scope": "vault/read",
        "state": "s",
        "code_challenge": CHALLENGE,
        "username": "anna",
    }
    return web.post("/oauth2/authorize", data=asked | changes)


def answered(answer: Any) -> dict[str, str]:
    """The parameters that the client is sent."""
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def exchange(web: Client, desk: str, **form: str) -> Any:
    """The answer of the token endpoint."""
    return web.post("/oauth2/token", data={"client_id": desk, **form})


def redeem(web: Client, desk: str, code: str, **changes: str) -> Any:
    """The answer to a code."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return exchange(web, desk, **(form | {"code_verifier": VERIFIER} | changes))


def claims(answer: Any) -> dict[str, Any]:
    """The claims of the access token."""
    payload = answer.json["access_token"].split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "==")))


def test_the_page_shows_the_users_and_changes_nothing(web: Client, desk: str) -> None:
    """A browser that was sent here by another page sees it too, and in no frame."""
    query = {"client_id": desk, "redirect_uri": CALLBACK, "code_challenge": CHALLENGE, "state": '"><script>'}
    shown = web.get(
        "/oauth2/authorize",
        query_string=query,
        headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    )
    assert shown.status_code == 200
    assert "anna" in shown.text
    assert "shop/support" in shown.text
    assert "<script>" not in shown.text
    assert "frame-ancestors 'none'" in shown.headers["Content-Security-Policy"]


def test_another_page_cannot_choose_the_user(web: Client, desk: str) -> None:
    """Signing somebody in takes a press of a button on the emulator's own page."""
    asked = {"client_id": desk, "redirect_uri": CALLBACK, "code_challenge": CHALLENGE, "username": "anna"}
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert web.post("/oauth2/authorize", data=asked, headers=headers).status_code == 403


def test_a_code_becomes_an_access_token_of_the_person(web: Client, desk: str) -> None:
    """With the claims that Cognito's have: who it is, and the groups."""
    back = answered(sign_in(web, desk))
    assert back["state"] == "s"
    answer = redeem(web, desk, back["code"])
    assert answer.json["expires_in"] == 900
    found = claims(answer)
    assert (found["username"], found["cognito:groups"], found["scope"]) == (
        "anna",
        ["shop/support"],
        "vault/read",
    )
    assert (found["token_use"], found["client_id"]) == ("access", desk)
    assert found["sub"] != desk


OFFICE = {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}


def test_a_page_of_another_origin_reads_what_the_token_endpoint_answers(web: Client, desk: str) -> None:
    """Tokens and refusals, as Cognito lets pages of every origin do; none of it with cookies."""
    form = {"client_id": desk, "grant_type": "authorization_code", "code_verifier": VERIFIER}
    form |= {"code": answered(sign_in(web, desk))["code"], "redirect_uri": CALLBACK}
    for status in (200, 400):
        answer = web.post("/oauth2/token", data=form, headers=OFFICE)
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (status, "*")
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_such_a_page_ends_a_sign_in_and_cannot_read_whether_it_did(web: Client, desk: str) -> None:
    """Cognito's documentation promises its pages the header at the token endpoint alone."""
    token = redeem(web, desk, answered(sign_in(web, desk))["code"]).json["refresh_token"]
    revoked = web.post("/oauth2/revoke", data={"client_id": desk, "token": token}, headers=OFFICE)
    assert revoked.status_code == 200
    assert "Access-Control-Allow-Origin" not in revoked.headers
    assert exchange(web, desk, grant_type="refresh_token", refresh_token=token).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "host"),
    [
        ("OPTIONS", "/oauth2/token", "localhost:4566"),
        ("POST", "/oauth2/token", "rebound.example:4566"),
        ("POST", "/", "localhost:4566"),
    ],
)
def test_pages_reach_nothing_else_of_the_account(web: Client, method: str, path: str, host: str) -> None:
    """Neither a preflight nor a name that was made to resolve to this machine opens more."""
    answer = web.open(path, method=method, headers={**OFFICE, "Host": host})
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"code_verifier": CHALLENGE},
        {"redirect_uri": "http://127.0.0.1:43118/"},
    ],
    ids=str,
)
def test_a_code_is_of_no_use_without_what_it_was_made_for(
    web: Client, desk: str, changes: dict[str, str]
) -> None:
    """Whoever saw the code pass has not seen the verifier; one wrong try is the last."""
    code = answered(sign_in(web, desk))["code"]
    assert redeem(web, desk, code, **changes).json == {"error": "invalid_grant"}
    assert redeem(web, desk, code).json == {"error": "invalid_grant"}


def test_a_code_that_comes_twice_ends_the_sign_in(web: Client, desk: str) -> None:
    """Somebody copied it; which of the two is the person cannot be told."""
    code = answered(sign_in(web, desk))["code"]
    refresh_token = redeem(web, desk, code).json["refresh_token"]
    assert redeem(web, desk, code).status_code == 400
    refused = exchange(web, desk, grant_type="refresh_token", refresh_token=refresh_token)
    assert refused.json == {"error": "invalid_grant"}


def test_a_refresh_token_is_good_once_and_a_copy_ends_the_sign_in(web: Client, desk: str) -> None:
    """Each gives the next one; the thief's use of an old one takes the session from both."""
    first = redeem(web, desk, answered(sign_in(web, desk))["code"]).json["refresh_token"]
    second = exchange(web, desk, grant_type="refresh_token", refresh_token=first).json["refresh_token"]
    assert second != first
    for token in (first, second):
        refused = exchange(web, desk, grant_type="refresh_token", refresh_token=token)
        assert refused.json == {"error": "invalid_grant"}


def test_groups_and_users_that_are_gone_are_gone_at_the_next_refresh(
    web: Client, desk: str, cognito: Any, pool: str
) -> None:
    """An access token lasts minutes, and the next one tells how things are then."""
    answer = redeem(web, desk, answered(sign_in(web, desk))["code"])
    cognito.admin_remove_user_from_group(UserPoolId=pool, Username="anna", GroupName="shop/support")
    answer = exchange(web, desk, grant_type="refresh_token", refresh_token=answer.json["refresh_token"])
    assert "cognito:groups" not in claims(answer)
    cognito.admin_disable_user(UserPoolId=pool, Username="anna")
    refused = exchange(web, desk, grant_type="refresh_token", refresh_token=answer.json["refresh_token"])
    assert refused.json == {"error": "invalid_grant"}


def test_signing_out_ends_the_refresh_token(web: Client, desk: str) -> None:
    """As Cognito's revocation endpoint does; another client's text ends nothing."""
    refresh_token = redeem(web, desk, answered(sign_in(web, desk))["code"]).json["refresh_token"]
    assert web.post("/oauth2/revoke", data={"client_id": desk, "token": "x"}).status_code == 200
    assert web.post("/oauth2/revoke", data={"client_id": desk, "token": refresh_token}).status_code == 200
    refused = exchange(web, desk, grant_type="refresh_token", refresh_token=refresh_token)
    assert refused.json == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://127.0.0.1:43117/x"},
        {"redirect_uri": "https://evil.example"},
        {"client_id": "x"},
    ],
    ids=str,
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    web: Client, desk: str, changes: dict[str, str]
) -> None:
    """An open redirector would hand codes out."""
    answer = sign_in(web, desk, **changes)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "vault/erase"}, "invalid_scope"),
    ],
    ids=str,
)
def test_what_is_asked_wrongly_is_told_to_the_client(
    web: Client, desk: str, changes: dict[str, str], code: str
) -> None:
    """No sign-in without PKCE by SHA-256, and no scope that the client does not have."""
    assert answered(sign_in(web, desk, **changes)) == {"error": code, "state": "s"}


def test_a_client_for_people_gets_no_access_token_by_itself(web: Client, desk: str) -> None:
    """The grant of machines is closed to it."""
    assert exchange(web, desk, grant_type="client_credentials").json == {"error": "invalid_client"}


def test_codes_and_refresh_tokens_end_in_time() -> None:
    """At the second that was said, and a token that is new does not prolong the sign-in."""
    held = SignIns()
    who = SignIn("pool", "desk", "anna", ("vault/read",), 0)
    late = held.code(who, CALLBACK, CHALLENGE, 0.0)
    assert held.redeem(late, "desk", CALLBACK, VERIFIER, CODE_SECONDS) is None
    token = held.refresh_token(who, "family", 100.0)
    assert held.rotate(token, "other", 1.0, 0.0) is None
    assert held.rotate(token, "desk", 99.0, 0.0) == (who, "family", 100.0)
    assert held.rotate(token, "desk", 100.0, 0.0) is None


def test_an_answer_that_was_lost_can_be_asked_for_again_for_a_while() -> None:
    """Within the grace the same token is taken again; after it, it was copied."""
    held = SignIns()
    who = SignIn("pool", "desk", "anna", (), 0)
    token = held.refresh_token(who, "family", 100.0)
    assert held.rotate(token, "desk", 1.0, 10.0)
    assert held.rotate(token, "desk", 11.0, 10.0)
    assert held.rotate(token, "desk", 11.1, 10.0) is None


def test_nothing_of_it_shows_in_a_repr() -> None:
    """Codes and tokens are secrets, on a developer's machine too."""
    held = SignIns()
    who = SignIn("pool", "desk", "anna", (), 0)
    secret = [held.code(who, CALLBACK, CHALLENGE, 0.0), held.refresh_token(who, "f", 1.0)]
    assert not any(text in repr(held) for text in secret)
    assert oauth.SIGN_INS is not held
