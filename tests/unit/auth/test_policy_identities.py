"""What a policy may say of who a client is: identities, API keys, people and their groups."""

from typing import Any

import pytest

from tests.support.identity_provider import IdentityProvider
from tests.support.policy_rules import CLIENT, loaded, problems, written

IDENTITY = {"issuer": "https://pool", "client_id": "id", "api_key_id": "key"}
PERSONS = {"issuer": "https://pool", "client_id": "id"}
ASSERTIONS = IdentityProvider().policy


@pytest.mark.parametrize(
    ("changes", "shared"),
    [
        ({}, True),
        ({"client_id": "id2"}, True),
        ({"api_key_id": "key2"}, True),
        ({"issuer": "https://pool2"}, True),
        ({"issuer": "https://pool2", "api_key_id": "key2"}, False),
        ({"client_id": "id2", "api_key_id": "key2"}, False),
    ],
    ids=str,
)
@pytest.mark.parametrize("same_tenant", [True, False])
def test_no_two_clients_share_an_identity_or_an_api_key(
    changes: dict[str, str], shared: bool, same_tenant: bool
) -> None:
    """An access token means one client, and an API key lets no client pass for another."""
    other = {**CLIENT, "identities": [IDENTITY | changes]}
    clients = {"checkout": CLIENT, "support": other}
    apart = {"shop": {"clients": {"checkout": CLIENT}}, "clinic": {"clients": {"support": other}}}
    found = problems(written(tenants={"shop": {"clients": clients}} if same_tenant else apart))
    name = "shop/support" if same_tenant else "clinic/support"
    assert set(found) == (
        {f"clients shop/checkout and {name} share an identity or an API key"} if shared else set()
    )


def test_a_client_may_have_an_identity_in_each_region() -> None:
    """Each pool's access token comes with the API keys of that Region, and with no others."""
    identities = [IDENTITY, {"issuer": "https://pool2", "client_id": "id2", "api_key_id": "key2"}]
    clients = loaded(written(client={"identities": identities})).clients
    assert {key: client.api_key_ids for key, client in clients.items()} == {
        ("https://pool", "id"): {"key"},
        ("https://pool2", "id2"): {"key2"},
    }


def test_a_client_may_have_two_api_keys_while_one_takes_the_place_of_the_other() -> None:
    """Its access token, one and the same, comes with either key."""
    identities = [IDENTITY, IDENTITY | {"api_key_id": "key2"}]
    clients = loaded(written(client={"identities": identities})).clients
    assert {key: client.api_key_ids for key, client in clients.items()} == {
        ("https://pool", "id"): {"key", "key2"}
    }


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"kind": "service", "identities": [IDENTITY | {"api_key_id": None}]}, "has a secret and no API key"),
        ({"kind": "service", "identities": [IDENTITY | {"api_key_id": ""}]}, "has a secret and no API key"),
        ({"kind": "browser"}, "has an API key, which everybody could read"),
        ({"kind": "browser", "identities": [PERSONS], "on_behalf_of": True}, "may name somebody else"),
        ({"kind": "browser", "identities": [PERSONS], "assertions": ASSERTIONS}, "may pass on somebody else"),
        ({"actions": ["tokenize"], "assertions": ASSERTIONS}, "may pass on whom it reveals for"),
        ({"assertions": ASSERTIONS | {"max_age_seconds": 0}}, "takes assertions of an age"),
        ({"assertions": ASSERTIONS}, ""),
        ({"kind": "browser", "identities": [PERSONS]}, ""),
    ],
    ids=lambda part: part if isinstance(part, str) else "-".join(part),
)
def test_services_have_an_api_key_and_people_have_none(changes: dict[str, Any], problem: str) -> None:
    """A service's access token alone would open something; a key in a browser is everybody's."""
    found = problems(written(client={"purposes": ["p"], "actions": ["detokenize"], **changes}))
    assert [problem in text for text in found] == ([True] if problem else [])


def test_two_clients_for_people_share_no_api_key_by_having_none() -> None:
    """What is not there is not shared."""
    client = {**CLIENT, "kind": "browser"}
    clients = {name: client | {"identities": [PERSONS | {"client_id": name}]} for name in ("one", "other")}
    assert problems(written(tenants={"shop": {"clients": clients}})) == ()


@pytest.mark.parametrize(
    ("group", "problem"),
    [
        (
            {"actions": ["detokenize"], "types": ["text"]},
            "group desk of tenant shop may reveal in full but has",
        ),
        ({"actions": [], "types": ["card"]}, "group desk of tenant shop uses types that the policy does not"),
        ({"actions": [], "types": [], "reveals_per_hour": 0}, "group desk of tenant shop has a budget that"),
        (
            {"actions": ["import", "search"], "types": []},
            "group desk of tenant shop may import tokens",
        ),
        ({"actions": ["reveal"], "types": []}, "the policy does not parse"),
        ({"actions": [], "types": [], "on_behalf_of": True}, "the policy does not parse"),
    ],
    ids=str,
)
def test_groups_are_held_to_the_rules_of_clients(group: dict[str, Any], problem: str) -> None:
    """All that they share, and nothing that only a client has."""
    tenants = {"shop": {"clients": {"desk": CLIENT}, "groups": {"desk": group}}}
    [found] = problems(written(tenants=tenants))
    assert found.startswith(problem)
