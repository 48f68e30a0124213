"""Everything that the policy does not grant is denied."""

import time

import pytest

from chalicelib.api.handler import respond
from chalicelib.api.messages import ApiRequest
from tests.support import policies
from tests.support.answers import problem
from tests.support.world import World, world

TEXT = {"type": "text", "value": "x"}


@pytest.fixture
def token(account: World) -> str:
    """A token of the shop."""
    return str(account.tokenize(TEXT).only["token"])


def test_no_access_token_is_401(account: World) -> None:
    """Without verified claims nothing is even looked at, and the answer says what to do."""
    request = account.request("POST", "/v1/tokenize", "checkout", json_body={})
    bare = {**vars(request), "claims": None}

    answer = respond(ApiRequest(**bare), lambda: pytest.fail("not to be built"), account.telemetry)
    assert answer.status == 401
    assert b"make up" in answer.body


def test_an_identity_token_is_no_access_token(account: World) -> None:
    """An identity token is refused, even one of the right client."""
    problem(account.tokenize(TEXT, token_use="id"), 401, "unauthenticated")


@pytest.mark.parametrize("claims", [{"client_id": "stranger"}, {"iss": "https://elsewhere.example"}])
def test_a_client_that_the_policy_does_not_know_is_refused(account: World, claims: dict[str, str]) -> None:
    """A verified access token of an unknown client or pool grants nothing."""
    problem(account.tokenize(TEXT, **claims), 403, "not_permitted")


def test_another_clients_api_key_is_refused(account: World) -> None:
    """An access token is bound to the API key of its own client."""
    problem(account.tokenize(TEXT, api_key_of="support"), 403, "not_permitted")


@pytest.mark.parametrize("client", ["settlement", "support", "privacy"])
def test_who_may_not_tokenize_does_not(account: World, client: str) -> None:
    """A scope without the policy's grant is not enough."""
    problem(account.tokenize(TEXT, client=client), 403, "not_permitted")


@pytest.mark.parametrize("client", ["checkout", "support", "privacy"])
def test_who_may_not_reveal_does_not(account: World, client: str, token: str) -> None:
    """The full value is for clients that the policy names."""
    problem(
        account.detokenize(token, client=client, scopes=("detokenize", "detokenize.masked")),
        403,
        "not_permitted",
    )


def test_a_grant_without_the_scope_is_not_enough(account: World, token: str) -> None:
    """An access token that was asked for less can do less."""
    problem(account.detokenize(token, scopes=("detokenize.masked",)), 403, "not_permitted")
    problem(account.facts(token, scopes=("tokenize",)), 403, "not_permitted")


@pytest.mark.parametrize(
    "scopes", [("tokenize", "detokenize"), ("tokenize", "detokenize.masked"), ("tokenize", "erase")]
)
def test_access_tokens_that_reveal_or_erase_never_tokenize(account: World, scopes: tuple[str, ...]) -> None:
    """The tokenizing function takes no access token that could be replayed against the other one."""
    problem(account.tokenize(TEXT, client="intake", scopes=scopes), 403, "not_permitted")
    assert account.tokenize(TEXT, client="intake", scopes=("tokenize", "read")).status == 200


@pytest.mark.parametrize("purpose", [None, "marketing", "treatment", "SETTLEMENT"])
def test_a_full_reveal_needs_one_of_the_clients_purposes(
    account: World, token: str, purpose: str | None
) -> None:
    """No purpose, an unknown one and another client's are refused alike."""
    problem(account.detokenize(token, purpose=purpose), 403, "not_permitted")


def test_a_tenant_does_not_reach_anothers_tokens(account: World, token: str) -> None:
    """Another tenant's token looks exactly like one that never was."""
    options = {"client": "intake", "purpose": "treatment"}
    theirs, unknown = (
        account.detokenize(text, **options).body["results"] for text in (token, "text_unknown")
    )
    assert theirs == unknown
    theirs_facts, unknown_facts = (
        account.facts(text, client="intake").body for text in (token, "text_unknown")
    )
    assert {**theirs_facts, "request_id": ""} == {**unknown_facts, "request_id": ""}


@pytest.mark.parametrize(
    ("function", "method", "route"),
    [
        ("tokenize", "POST", "/v1/detokenize"),
        ("tokenize", "GET", "/v1/types"),
        ("reveal", "POST", "/v1/tokenize"),
        ("reveal", "GET", "/v1/tokens/{token}"),
        ("reveal", "POST", "/v1/nothing"),
    ],
)
def test_a_function_serves_its_own_routes_only(
    account: World, function: str, method: str, route: str
) -> None:
    """A request that was sent to the wrong function is refused, whoever sends it."""
    problem(
        account.call(function, method, route, "intake", scopes=("tokenize",), token="x", json_body={}),
        404,
        "not_found",
    )


def test_a_type_that_a_client_may_not_use_fails_on_its_own() -> None:
    """Types are granted to clients one by one, on the way in and on the way out."""

    written = policies.document()
    clients = written["tenants"]["shop"]["clients"]
    clients["settlement"]["types"] = ["card_number"]
    clients["support"]["types"] = []
    with world(written) as account:
        card, text = account.tokenize({"type": "card_number", "value": "4111111111111111"}, TEXT).body[
            "results"
        ]
        revealed, refused = account.detokenize(card["token"], text["token"]).body["results"]
        assert revealed["value"] == "4111111111111111"
        assert refused["error"]["code"] == "not_permitted"
        assert account.masked(card["token"]).only["error"]["code"] == "not_permitted"
        problem(account.facts(card["token"], client="support"), 403, "not_permitted")


def test_an_expired_token_is_gone_at_once(account: World) -> None:
    """A token past its time is not found, though its record still lies there."""
    token = account.tokenize({"type": "short_lived", "value": "x", "ttl_seconds": 1}).only["token"]

    time.sleep(1.1)
    assert account.detokenize(token).only["error"]["code"] == "token_not_found"
    problem(account.facts(token), 404, "token_not_found")
    assert account.stored(token)


def test_an_erased_token_stays_erased(account: World, token: str) -> None:
    """A marker wins over a record that came back."""
    account.store({"pk": {"S": f"shop#{token}"}, "sk": {"S": "erased"}})
    assert account.detokenize(token).only["error"]["code"] == "token_not_found"
    problem(account.facts(token), 404, "token_not_found")
