"""One access token a side, kept, renewed in time and after a refusal."""

from collections.abc import Set
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import pytest
from tokenvault_client import NotPermitted, Retries, TokenizeItem, Unauthenticated, Unavailable
from tokenvault_client.access_tokens import ANY, AccessToken
from tokenvault_client.blocking import asking, finished
from tokenvault_client.deadlines import Deadline
from tokenvault_client.held_tokens import HeldTokens
from tokenvault_client.http import HttpTransport

from tests.client.clock import Clock
from tests.client.service import ALL, HANG_UP, Answer, Service, problem


def tokens(service: Service, clock: Clock) -> HeldTokens:
    settings = service.settings()
    endpoint = HttpTransport(settings.token_url, 10)
    return HeldTokens(settings, asking(endpoint, Retries(sleep=lambda s: None), clock))


def get(held: HeldTokens, actions: Set[str]) -> AccessToken:
    """An access token, within ten seconds."""
    return finished(held.get(actions, Deadline.after(10)))


def asked_scopes(service: Service) -> list[set[str]]:
    return [set(" ".join(parse_qs(seen.raw.decode()).get("scope", [])).split()) for seen in service.asked]


def test_a_client_of_one_side_asks_once(service: Service) -> None:
    """The access token with all its scopes is the one to use."""
    service.scopes = "vault/tokenize vault/read"
    client = service.client()
    client.tokenize([TokenizeItem("text", "ab")])
    client.facts("ab")
    client.types()
    assert asked_scopes(service) == [set()]
    assert len({seen.access_token for seen in service.seen}) == 1


def test_no_access_token_that_reveals_comes_to_the_tokenizing_side(service: Service) -> None:
    """A client of both sides has one access token for each, and never sends the one with all scopes."""
    client = service.client()
    for _ in range(2):
        client.tokenize([TokenizeItem("text", "ab")])
        client.search([TokenizeItem("text", "ab")])
        client.facts("ab")
        client.detokenize(["ab"])
        client.erase_token("ab")
        client.types()
    tokenizing = {"vault/tokenize", "vault/search", "vault/read"}
    assert asked_scopes(service) == [set(), tokenizing, set(ALL.split()) - tokenizing]
    sides = [seen.access_token for seen in service.seen]
    assert len(set(sides)) == 2
    assert sides[0:3] == sides[0:1] * 3
    assert sides[3:6] == sides[3:4] * 3
    assert sides[:6] == sides[6:]


@pytest.mark.parametrize("reveal", ["masked", "full"])
def test_a_scope_that_the_client_lacks_is_told_without_a_request(service: Service, reveal: str) -> None:
    """A masked reveal takes either scope, a full one its own only."""
    service.scopes = "vault/detokenize.masked"
    client = service.client()
    if reveal == "masked":
        assert client.detokenize(["ab"], reveal="masked")
        return
    said = r"no scope for detokenize, only for detokenize\.masked; nothing was sent, so nothing is on record"
    with pytest.raises(NotPermitted, match=said):
        client.detokenize(["ab"])
    assert service.seen == []


@pytest.mark.parametrize(("lifetime", "used_for"), [(3600, 3540), (300, 240), (60, 30)])
def test_it_is_renewed_before_it_expires(service: Service, lifetime: int, used_for: int) -> None:
    """A minute before, a short one at half of its life; not earlier."""
    service.lifetime, service.scopes = lifetime, "vault/read"
    clock = Clock()
    held = tokens(service, clock)
    first = get(held, {"read"})
    clock.now += used_for - 1
    assert get(held, {"read"}) == first
    clock.now += 1
    assert get(held, {"read"}) != first
    assert len(service.asked) == 2


def test_a_refused_one_is_renewed_once(service: Service) -> None:
    """An access token may be revoked before its time; a second refusal is not about its age."""
    client = service.client()
    client.types()
    service.script.append(problem(401, "unauthenticated"))
    client.types()
    assert len(service.asked) == 4  # all scopes and one side, twice
    service.script += [problem(401, "unauthenticated")] * 2
    with pytest.raises(Unauthenticated):
        client.types()
    assert len(service.seen) == 5


def test_what_was_renewed_already_is_not_forgotten(service: Service) -> None:
    """Sixteen threads whose access token was refused renew it once."""
    service.scopes = "vault/read"
    held = tokens(service, Clock())
    refused = get(held, {"read"})
    for _ in range(16):
        finished(held.forget(refused, Deadline.after(10)))
        get(held, {"read"})
    assert len(service.asked) == 2


def test_threads_share_one(service: Service) -> None:
    """Sixteen that begin at once ask once for each."""
    held = tokens(service, Clock())
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: get(held, ANY).text, range(64)))
    assert len(set(found)) == 1
    assert len(service.asked) == 2


def test_credentials_go_in_the_header_as_cognito_takes_them(service: Service) -> None:
    """Base64 of id and secret, not percent-encoded, and nowhere else."""
    get(tokens(service, Clock()), ANY)
    assert service.asked[0].headers["Authorization"] == "Basic YW4taWQ6YS1zZWNyZXQ="
    assert service.asked[0].raw == b"grant_type=client_credentials"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            Answer(400, {"error": "invalid_client"}),
            "no_access_token: .* gave no access token: invalid_client",
        ),
        (Answer(400, b"<html>secret"), "no_access_token: .* gave no access token: status 400"),
        (Answer(400, {"error": "\x1b[2J"}), "no_access_token: .* gave no access token: status 400"),
        (Answer(400, {"error": "a-secret"}), "no_access_token: .* gave no access token: status 400"),
        (Answer(200, {}), "no_access_token: .* holds no access token"),
        (Answer(200, {"access_token": "a\nb", "expires_in": 9}), "no_access_token: .* holds no access token"),
        (Answer(200, {"access_token": "opaque", "expires_in": 9}), "not_permitted: this client has no scope"),
        (Answer(200, {"access_token": "a.b.c", "expires_in": 9}), "not_permitted: this client has no scope"),
    ],
)
def test_an_endpoint_that_gives_none_is_told(service: Service, answer: Answer, said: str) -> None:
    """Its code is repeated (RFC 6749, 5.2), and nothing else that it says."""
    service.endpoint_script.append(answer)
    with pytest.raises((Unauthenticated, NotPermitted), match=said):
        service.client().types()


@pytest.mark.parametrize("lifetime", [10**400, -(10**400)], ids=["long", "over"])
def test_no_lifetime_is_too_much_to_reckon_with(service: Service, lifetime: int) -> None:
    """However long or over it is said to be, the access token is there."""
    service.lifetime = lifetime
    assert get(tokens(service, Clock()), ANY).text


def test_the_scopes_may_stand_in_the_answer(service: Service) -> None:
    """RFC 6749, 5.1: other servers than Cognito say them there."""
    service.endpoint_script.append(
        Answer(200, {"access_token": "opaque", "expires_in": 300, "scope": "vault/read"})
    )
    assert service.client().types()
    assert service.seen[0].access_token == "opaque"


@pytest.mark.parametrize("answer", [HANG_UP, Answer(503, b""), Answer(429, b"")])
def test_an_endpoint_that_does_not_answer_is_asked_again(service: Service, answer: Answer) -> None:
    """As the API itself is; in the end it is unavailable."""
    service.endpoint_script.append(answer)
    assert service.client().types()
    service.endpoint_script += [answer] * 4
    with pytest.raises(Unavailable):
        service.client().types()
