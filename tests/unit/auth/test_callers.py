"""From claims to a caller: the tenant is the policy's, and nothing beyond both grants is granted."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.auth.callers import identify, refuse_revealing, scopes
from chalicelib.auth.permissions import require_action, require_admitted
from chalicelib.auth.policy import Client, Policy
from chalicelib.auth.scopes import REVEALING_ACTIONS, scope
from chalicelib.caller import User
from chalicelib.errors import NotPermitted, Unauthenticated
from chalicelib.model import ACTIONS, Action

CLAIMS = {"iss": "https://pool", "client_id": "id", "token_use": "access", "scope": "vault/tokenize"}
SUB = "6f2b4a1c-8d53-4c0e-9b7a-2e91d05c7a44"
WORDS = st.text("abcdetokniz./ ", max_size=12)


def policy(actions: frozenset[Action] = frozenset(ACTIONS)) -> Policy:
    """A policy with one client."""
    client = Client(
        tenant="shop",
        name="checkout",
        api_key_ids=frozenset({"key", "spare"}),
        actions=actions,
        types=frozenset({"text"}),
        purposes=frozenset({"refund"}),
        budgets={"reveals": 3},
    )
    return Policy({}, frozenset({"shop"}), {("https://pool", "id"): client}, {})


def test_a_caller_is_the_policys_client() -> None:
    """Tenant, types, purposes and budgets come from the policy, under each of the client's API keys."""
    for key in ("key", "spare"):
        caller = identify(CLAIMS, key, policy())
        assert (caller.tenant, caller.client, caller.actions) == ("shop", "checkout", {"tokenize"})
        assert (caller.types, caller.purposes, caller.budgets) == ({"text"}, {"refund"}, {"reveals": 3})


@pytest.mark.parametrize("claim", ["tenant", "custom:tenant", "cognito:groups", "username"])
def test_no_claim_names_the_tenant(claim: str) -> None:
    """What an access token says of itself beyond issuer, client, use and scopes counts for nothing."""
    assert identify({**CLAIMS, claim: "clinic"}, "key", policy()) == identify(CLAIMS, "key", policy())


def test_the_person_who_signed_in_is_the_access_tokens() -> None:
    """By `sub` and `username`, both of which an access token of a user has."""
    caller = identify({**CLAIMS, "sub": SUB, "username": "anna"}, "key", policy())
    assert caller.user == User(SUB, "anna")
    assert "anna" not in repr(caller)


@pytest.mark.parametrize(
    "claims",
    [{"sub": "id"}, {}, {"sub": SUB}, {"username": "anna"}, {"sub": "id", "username": "anna"}],
    ids=str,
)
def test_nobody_signed_in_to_a_client_of_its_own_credentials(claims: Mapping[str, str]) -> None:
    """Such an access token has the client's id as its `sub`, and no username."""
    assert identify({**CLAIMS, **claims}, "key", policy()).user is None


def test_a_username_that_looks_like_a_card_number_is_left_out() -> None:
    """The audit trail keeps usernames for good, and may keep no card number; the `sub` says who it is."""
    caller = identify({**CLAIMS, "sub": SUB, "username": "4111 1111 1111 1111"}, "key", policy())
    assert caller.user == User(SUB, None)


@pytest.mark.parametrize("use", ["id", "refresh", "", "ACCESS", None])
def test_only_an_access_token_will_do(use: str | None) -> None:
    """Identity tokens are issued to browsers and carry no scopes."""
    claims = {name: claim for name, claim in {**CLAIMS, "token_use": use}.items() if claim is not None}
    with pytest.raises(Unauthenticated):
        identify(claims, "key", policy())


@pytest.mark.parametrize(
    "changes", [{"iss": "https://elsewhere"}, {"client_id": "other"}, {"iss": ""}], ids=str
)
def test_an_unknown_client_or_pool_is_refused(changes: Mapping[str, str]) -> None:
    """Both must match: a client id is only unique in its pool."""
    with pytest.raises(NotPermitted, match="does not know this client"):
        identify({**CLAIMS, **changes}, "key", policy())


@pytest.mark.parametrize("left_out", ["iss", "client_id"])
def test_claims_that_are_missing_match_nothing(left_out: str) -> None:
    """A claim that is not there is not taken for any client's."""
    with pytest.raises(NotPermitted):
        identify({name: claim for name, claim in CLAIMS.items() if name != left_out}, "key", policy())


@pytest.mark.parametrize("key", [None, "", "other", "KEY", "key "])
def test_the_api_key_must_be_the_clients(key: str | None) -> None:
    """An access token that was stolen is of no use with the thief's own API key, or with none; whose it was
    is known, so that the attempt can be on record."""
    refused = identify(CLAIMS, key, policy())
    assert refused.client == identify(CLAIMS, "key", policy()).client
    assert (refused.actions, refused.types, refused.purposes) == (set(), set(), set())
    with pytest.raises(NotPermitted, match="API key is not this client's"):
        require_admitted(refused)


@given(granted=st.frozensets(st.sampled_from(ACTIONS)), carried=st.lists(st.sampled_from(ACTIONS) | WORDS))
def test_policy_and_access_token_both_have_to_grant(granted: frozenset[Action], carried: list[str]) -> None:
    """A caller's actions are those of the policy whose scope, in full, is among the access token's."""
    text = " ".join(f"vault/{action}" for action in carried)
    caller = identify({**CLAIMS, "scope": text}, "key", policy(granted))
    assert caller.actions == {action for action in granted if scope(action) in text.split()}


@pytest.mark.parametrize(
    "text",
    ["", "tokenize", "Vault/tokenize", "vault/Tokenize", "vault/tokenize/x", "x/vault/tokenize", "vault/*"],
)
def test_what_only_resembles_a_scope_grants_nothing(text: str) -> None:
    """Scopes are compared whole; there is no wildcard."""
    assert identify({**CLAIMS, "scope": text}, "key", policy()).actions == frozenset()


def test_scopes_are_separated_by_spaces() -> None:
    """As RFC 8693 has it, in whatever number; an access token without the claim has none."""
    assert scopes({"scope": " vault/read  vault/erase "}) == {"vault/read", "vault/erase"}
    assert scopes({}) == frozenset()


@given(carried=st.frozensets(st.sampled_from(ACTIONS)))
def test_access_tokens_that_reveal_or_erase_are_kept_away(carried: frozenset[Action]) -> None:
    """One such scope among others is enough; without any the access token may come."""
    claims = {**CLAIMS, "scope": " ".join(map(scope, carried))}
    caller = identify(claims, "key", policy())
    if carried & set(REVEALING_ACTIONS):
        with pytest.raises(NotPermitted, match="takes no access token with a scope that reveals"):
            require_action(refuse_revealing(caller, claims), "read")
    else:
        assert refuse_revealing(caller, claims) == caller
