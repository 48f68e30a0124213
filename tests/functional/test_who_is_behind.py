"""An event names the person behind a request: who signed in, and apart whom the client says it asks for."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import policies
from tests.support.answers import problem
from tests.support.world import World, world

ANNA = {"sub": "6f2b4a1c-8d53-4c0e-9b7a-2e91d05c7a44", "username": "anna"}
SIGNED_IN = {"user_sub": ANNA["sub"], "username": "anna"}
TEXT = {"type": "text", "value": "some text"}
KNOWN = {"type": "text_known", "value": "a known text"}


@pytest.fixture
def account() -> Iterator[World]:
    """An account in which the client `settlement` may say whom it reveals for, and no other may."""
    written = policies.naming("settlement")
    written["tenants"]["shop"]["clients"]["checkout"]["deterministic_tokens_per_hour"] = 1
    with world(written) as made:
        yield made


def behind(account: World) -> dict[str, str]:
    """The people whom the last event names."""
    last = max(account.events(), key=lambda item: item["sk"]["S"])
    return {name: last[name]["S"] for name in ("user_sub", "username", "on_behalf_of") if name in last}


def reveal(account: World, *tokens: str, client: str = "settlement", claims: Any = None, **said: Any) -> Any:
    """A full reveal with more in its body, and with more claims."""
    body = {"items": [{"token": token} for token in tokens], "purpose": "settlement", **said}
    scopes = ("detokenize", "detokenize.masked")
    return account.call(
        "reveal", "POST", "/v1/detokenize", client, scopes=scopes, json_body=body, **(claims or {})
    )


def test_every_event_names_who_signed_in(account: World) -> None:
    """Reveals, masks, searches, erasures, and a budget that refuses: whatever names a client."""
    token, other = (account.tokenize(TEXT).only["token"] for _ in range(2))
    account.tokenize(KNOWN)
    asked = {
        "detokenize": lambda: account.detokenize(token, **ANNA),
        "detokenize.masked": lambda: account.masked(token, **ANNA),
        "search": lambda: account.search(KNOWN, **ANNA),
        "subjects.read": lambda: account.subject("customer-1", **ANNA),
        "erase.token": lambda: account.erase(token=other, **ANNA),
        "erase.person": lambda: account.erase(subject="customer-1", **ANNA),
        "tokenize": lambda: account.tokenize({**KNOWN, "value": "x"}, {**KNOWN, "value": "y"}, **ANNA),
    }
    for action, ask in asked.items():
        ask()
        last = max(account.events(), key=lambda item: item["sk"]["S"])
        assert (last["action"]["S"], behind(account)) == (action, SIGNED_IN)


def test_refusals_name_who_signed_in(account: World) -> None:
    """Who tried in vain is a question, too."""
    token = account.tokenize(TEXT).only["token"]
    for ask in (
        lambda: account.detokenize(token, purpose="another", **ANNA),
        lambda: account.search(KNOWN, client="checkout", **ANNA),
    ):
        problem(ask(), 403, "not_permitted")
        assert behind(account) == SIGNED_IN


def test_no_person_is_behind_a_clients_own_credentials(account: World) -> None:
    """An access token of the client credentials grant has the client's id as its `sub`."""
    token = account.tokenize(TEXT).only["token"]
    account.detokenize(token, sub="id-of-settlement")
    assert behind(account) == {}


def test_whom_a_client_asks_for_stands_apart_from_who_signed_in(account: World) -> None:
    """A client's word is never taken for what an access token proves, also where both are there."""
    token = account.tokenize(TEXT).only["token"]
    assert reveal(account, token, on_behalf_of="bert").only["value"] == "some text"
    assert behind(account) == {"on_behalf_of": "bert"}
    reveal(account, token, on_behalf_of="anna")
    assert behind(account) == {"on_behalf_of": "anna"}
    reveal(account, token, on_behalf_of="bert", claims=ANNA)
    assert behind(account) == {**SIGNED_IN, "on_behalf_of": "bert"}
    reveal(account, token, on_behalf_of="bert", reveal="masked")
    assert behind(account) == {"on_behalf_of": "bert"}
    problem(reveal(account, token, on_behalf_of="bert", purpose="another"), 403, "not_permitted")
    assert behind(account) == {"on_behalf_of": "bert"}


def test_a_client_whose_word_is_not_taken_is_refused(account: World) -> None:
    """Without the policy's leave nothing is revealed, and what it said is not on record."""
    token = account.tokenize(TEXT).only["token"]
    refused = reveal(account, token, client="support", reveal="masked", purpose=None, on_behalf_of="bert")
    problem(refused, 403, "not_permitted")
    assert "bert" not in json.dumps(refused.body)
    assert behind(account) == {}
    [event] = account.events()
    assert (event["refusal"]["S"], event["outcomes"]["L"]) == ("not_permitted", [])


@pytest.mark.parametrize(
    "said", ["4111 1111 1111 1111", "4111111111111111", "a b", "", "x" * 129, 7, ["bert"]]
)
def test_what_is_no_id_of_a_person_is_refused_unquoted(account: World, said: object) -> None:
    """A malformed request, with the field at fault; nothing of it is stored."""
    token = account.tokenize(TEXT).only["token"]
    problem(reveal(account, token, on_behalf_of=said), 400, "invalid_request", "/on_behalf_of")
    assert account.events() == []


def test_a_purpose_without_a_person_is_still_enough(account: World) -> None:
    """A client that may name somebody need not; null is the same as nothing."""
    token = account.tokenize(TEXT).only["token"]
    assert reveal(account, token).status == reveal(account, token, on_behalf_of=None).status == 200
    assert behind(account) == {}
