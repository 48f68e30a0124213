"""A service passes on the person that it asks for, as its identity provider signed it."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import policies
from tests.support.answers import problem
from tests.support.identity_provider import AUDIENCE, ISSUER, KEY_ID, IdentityProvider
from tests.support.world import World, world

PROVIDER = IdentityProvider()
TWICE = f'{{"iss":"{ISSUER}","aud":"{AUDIENCE}","sub":"bert","sub":"anna","iat":1,"exp":2}}'
ANNA = {"asserted_by": ISSUER, "asserted_sub": "anna"}
NAMES = ("user_sub", "username", "on_behalf_of", "asserted_by", "asserted_sub")


def policy(**more: Any) -> dict[str, Any]:
    written = policies.naming("settlement")
    written["tenants"]["shop"]["clients"]["settlement"]["assertions"] = {**PROVIDER.policy, **more}
    return written


@pytest.fixture
def account() -> Iterator[World]:
    """An account in which `settlement` may pass on assertions, and no other client may."""
    with world(policy()) as made:
        yield made


@pytest.fixture
def token(account: World) -> str:
    return str(account.tokenize({"type": "text", "value": "some text"}).only["token"])


def reveal(account: World, token: str, client: str = "settlement", **said: Any) -> Any:
    """A full reveal with more in its body."""
    body = {"items": [{"token": token}], "purpose": "settlement", **said}
    scopes = ("detokenize", "detokenize.masked")
    return account.call("reveal", "POST", "/v1/detokenize", client, scopes=scopes, json_body=body)


def last(account: World) -> dict[str, Any]:
    return max(account.events(), key=lambda item: item["sk"]["S"])


def behind(account: World) -> dict[str, str]:
    """The people whom the last event names."""
    return {name: last(account)[name]["S"] for name in NAMES if name in last(account)}


@pytest.mark.parametrize(
    "sub", ["-x0AAAkzqFVr", "_x0AAAkzqFVr", "https://login.example/id/00D/005", "o'neil@shop.example"]
)
def test_subs_as_providers_write_them_are_on_record(account: World, token: str, sub: str) -> None:
    """Base64url, addresses, signs of names: what OpenID Connect allows, apart from card numbers."""
    assert reveal(account, token, assertion=PROVIDER.assertion(time.time(), sub)).status == 200
    assert behind(account)["asserted_sub"] == sub


def test_the_person_is_on_record_with_whoever_vouches(account: World, token: str) -> None:
    """For a value and for a mask, apart from what the client says itself."""
    for how in ({}, {"reveal": "masked"}):
        assert reveal(account, token, assertion=PROVIDER.assertion(time.time()), **how).status == 200
        assert behind(account) == ANNA
    reveal(account, token, assertion=PROVIDER.assertion(time.time()), on_behalf_of="bert")
    assert behind(account) == {**ANNA, "on_behalf_of": "bert"}


def test_a_refusal_behind_it_names_the_person_too(account: World, token: str) -> None:
    """Who asked for a purpose in vain."""
    refused = reveal(account, token, assertion=PROVIDER.assertion(time.time()), purpose="another")
    problem(refused, 403, "not_permitted")
    assert behind(account) == ANNA


@pytest.mark.parametrize(
    ("forged", "reason"),
    [
        (lambda now: "anna", "assertion_malformed"),
        (lambda now: PROVIDER.assertion(now, exp=None), "assertion_malformed"),
        (lambda now: PROVIDER.assertion(now, exp="never"), "assertion_malformed"),
        (lambda now: PROVIDER.signed(f'{{"alg":"ES256","kid":"{KEY_ID}"}}', TWICE), "assertion_malformed"),
        (lambda now: PROVIDER.assertion(now, kid="key-2"), "assertion_key_unknown"),
        (lambda now: IdentityProvider().assertion(now), "assertion_signature"),
        (lambda now: PROVIDER.assertion(now, iss="https://other.example"), "assertion_issuer"),
        (lambda now: PROVIDER.assertion(now, aud="shop"), "assertion_audience"),
        (lambda now: PROVIDER.assertion(now + 3600), "assertion_early"),
        (lambda now: PROVIDER.assertion(now - 3600), "assertion_late"),
        (lambda now: PROVIDER.assertion(now, "4111111111111111"), "assertion_subject"),
        (lambda now: PROVIDER.assertion(now, "Anna Miller"), "assertion_subject"),
    ],
)
def test_what_proves_nothing_reveals_nothing(account: World, token: str, forged: Any, reason: str) -> None:
    """It is refused whole, nobody is named, and the record says why: a wrong signature is no slow clock."""
    assertion = forged(time.time())
    refused = reveal(account, token, assertion=assertion)
    problem(refused, 403, "not_permitted", "/assertion")
    assert assertion not in json.dumps(refused.body)
    assert (behind(account), last(account)["refusal"]["S"]) == ({}, reason)
    assert last(account)["asked_for"]["L"] == [{"S": token}]


def test_no_other_client_passes_one_on(account: World, token: str) -> None:
    """The policy says whose are taken from whom."""
    assertion = PROVIDER.assertion(time.time())
    refused = reveal(account, token, client="support", reveal="masked", purpose=None, assertion=assertion)
    problem(refused, 403, "not_permitted")
    assert (behind(account), last(account)["refusal"]["S"]) == ({}, "assertion_not_taken")


def test_credentials_alone_open_nothing_where_one_is_needed() -> None:
    """Neither a value nor a mask, and the client's own word does not stand in for it."""
    with world(policy(required=True)) as account:
        token = account.tokenize({"type": "text", "value": "some text"}).only["token"]
        for said in ({}, {"reveal": "masked"}, {"on_behalf_of": "anna"}):
            problem(reveal(account, token, **said), 403, "not_permitted")
            assert last(account)["refusal"]["S"] == "assertion_missing"
        assert reveal(account, token, assertion=PROVIDER.assertion(time.time())).status == 200


@pytest.mark.parametrize("said", ["", 7, ["a"], "x" * 8193], ids=["empty", "number", "list", "long"])
def test_what_is_no_text_of_that_length_is_a_malformed_request(account: World, token: str, said: Any) -> None:
    """With the field at fault."""
    problem(reveal(account, token, assertion=said), 400, "invalid_request", "/assertion")
