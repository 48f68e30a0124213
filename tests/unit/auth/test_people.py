"""What a person may do: what a group of theirs allows, within what the client may. Nothing by default."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.auth.callers import groups, identify
from chalicelib.auth.permissions import require_action, require_admitted, require_reveal, require_type
from chalicelib.auth.policy import Client, Policy
from chalicelib.caller import Caller, Grant
from chalicelib.errors import NotPermitted
from chalicelib.model import ACTIONS, Action

SUB = "6f2b4a1c-8d53-4c0e-9b7a-2e91d05c7a44"
TYPES, PURPOSES = ("card", "note", "text"), ("audit", "refund")
CLAIMS = {
    "iss": "https://pool",
    "client_id": "id",
    "token_use": "access",
    "scope": " ".join(f"vault/{action}" for action in ACTIONS),
    "sub": SUB,
    "username": "anna",
}
LIMITS = st.dictionaries(
    st.sampled_from(["reveals", "searches", "deterministic_tokens"]), st.integers(1, 9), max_size=2
)
GRANTS = st.builds(
    Grant,
    st.frozensets(st.sampled_from(ACTIONS)),
    st.frozensets(st.sampled_from(TYPES)),
    st.frozensets(st.sampled_from(PURPOSES)),
    LIMITS,
)
EVERYTHING = Grant(frozenset(ACTIONS), frozenset(TYPES), frozenset(PURPOSES))
MASKS_NOTES = Grant(frozenset({"detokenize.masked"}), frozenset({"note"}), frozenset(), {"reveals": 50})
REVEALS_CARDS = Grant(frozenset({"detokenize"}), frozenset({"card"}), frozenset({"refund"}), {"reveals": 2})


def policy(ceiling: Grant = EVERYTHING, **named: Grant) -> Policy:
    """A policy with one client for people, and these groups of its tenant."""
    client = Client(
        tenant="shop",
        name="desk",
        api_key_ids=frozenset({None}),
        actions=ceiling.actions,
        types=ceiling.types,
        purposes=ceiling.purposes,
        budgets=ceiling.budgets,
        kind="browser",
        groups={f"shop/{name}": group for name, group in named.items()},
    )
    return Policy({}, frozenset({"shop"}), {("https://pool", "id"): client}, {})


def caller_in(written: Policy, *groups: str, **claims: str) -> Caller:
    """A person in these groups."""
    return identify({**CLAIMS, "cognito:groups": ",".join(groups), **claims}, None, written)


def allowed(caller: Caller, action: Action, type_name: str, purpose: str | None) -> bool:
    """Whether the services would let the caller do it."""
    try:
        if action.startswith("detokenize"):
            mode = "full" if action == "detokenize" else "masked"
            acting = require_reveal(caller, mode, purpose)
        else:
            acting = require_action(caller, action)
        require_type(acting, type_name)
    except NotPermitted:
        return False
    return True


def allows(grant: Grant, action: Action, type_name: str, purpose: str | None) -> bool:
    """The same of one grant, in words of its own."""
    actions = grant.actions | ({"detokenize.masked"} if "detokenize" in grant.actions else set())
    named = purpose in grant.purposes if purpose else action != "detokenize"
    return action in actions and type_name in grant.types and (named or not action.startswith("detokenize"))


@given(ceiling=GRANTS, first=GRANTS, second=GRANTS, data=st.data())
def test_a_person_may_what_one_of_their_groups_and_the_client_may(
    ceiling: Grant, first: Grant, second: Grant, data: st.DataObject
) -> None:
    """Never the types of one group for the actions or purposes of the other."""
    action = data.draw(st.sampled_from(ACTIONS))
    type_name, purpose = data.draw(st.sampled_from(TYPES)), data.draw(st.sampled_from([None, *PURPOSES]))
    asked = (action, type_name, purpose)
    within = [
        Grant(ceiling.actions & g.actions, ceiling.types & g.types, ceiling.purposes & g.purposes)
        for g in (first, second)
    ]
    caller = caller_in(policy(ceiling, first=first, second=second), "shop/first", "shop/second")
    assert allowed(caller, *asked) is any(allows(grant, *asked) for grant in within)


@pytest.mark.parametrize("claimed", ["", "shop/unknown", "clinic/one", "one", "SHOP/ONE", "shop/one/x", "*"])
def test_without_a_group_of_the_tenant_a_person_may_nothing(claimed: str) -> None:
    """Groups have their tenant in their name, so that those of another open nothing here."""
    caller = caller_in(policy(first=EVERYTHING), claimed)
    assert (caller.actions, caller.types, caller.purposes) == (set(), set(), set())
    assert not any(allowed(caller, action, "card", "refund") for action in ACTIONS)


def test_an_access_token_without_the_claim_has_no_groups() -> None:
    """As one of a person whom nobody has put into any."""
    assert not identify(CLAIMS, None, policy(first=EVERYTHING)).actions


@pytest.mark.parametrize("text", ["shop/a,shop/b", "[shop/a, shop/b]", "[shop/a shop/b]", "shop/b shop/a"])
def test_groups_come_as_one_text(text: str) -> None:
    """API Gateway hands claims on as strings; how it writes an array differs between its kinds of API."""
    assert groups({"cognito:groups": text}) == {"shop/a", "shop/b"}


@pytest.mark.parametrize("claims", [{"sub": "id"}, {"sub": ""}, {"username": ""}], ids=str)
def test_only_a_person_gets_in_where_only_people_may(claims: dict[str, str]) -> None:
    """Whatever access token such a client may get by itself opens nothing."""
    refused = caller_in(policy(first=EVERYTHING), "shop/first", **claims)
    assert (refused.actions, refused.grants) == (set(), ())
    with pytest.raises(NotPermitted, match="nobody signed in"):
        require_admitted(refused)


def test_a_persons_access_token_does_not_go_with_the_api_key_of_a_service() -> None:
    """A service that got hold of one cannot ask in the person's name by its own routes."""
    claims = {**CLAIMS, "cognito:groups": "shop/first"}
    refused = identify(claims, "key-of-checkout", policy(first=EVERYTHING))
    assert (refused.actions, refused.grants) == (set(), ())
    with pytest.raises(NotPermitted, match="API key is not this client's"):
        require_admitted(refused)


def test_scopes_bound_what_groups_allow() -> None:
    """The scopes that were asked for at the sign-in are a ceiling, too."""
    caller = caller_in(policy(first=EVERYTHING), "shop/first", scope="openid vault/read")
    assert caller.actions == {"read"}


def test_a_caller_whose_action_is_not_chosen_yet_may_use_no_type() -> None:
    """A use case that forgot to ask for the action fails closed."""
    with pytest.raises(NotPermitted):
        require_type(caller_in(policy(first=EVERYTHING), "shop/first"), "card")


@pytest.mark.parametrize(
    ("mode", "purpose", "own"),
    [
        ("full", "refund", {"card": 2}),
        ("masked", None, {"note": 50, "card": 2}),
        ("masked", "refund", {"card": 2}),
    ],
)
def test_a_persons_budget_is_that_of_the_groups_that_allow_it(
    mode: Any, purpose: str | None, own: dict[str, int]
) -> None:
    """The large budget of masks of notes is none of cards; the client's own stands beside it."""
    ceiling = Grant(EVERYTHING.actions, EVERYTHING.types, EVERYTHING.purposes, {"reveals": 90})
    caller = caller_in(policy(ceiling, m=MASKS_NOTES, r=REVEALS_CARDS), "shop/m", "shop/r")
    acting = require_reveal(caller, mode, purpose)
    assert {name: acting.own_limit("reveals", name) for name in acting.types} == own
    assert acting.budgets == {"reveals": 90}


def test_a_group_without_a_limit_lifts_the_limit_of_another_for_what_it_allows() -> None:
    """And for nothing else: a group that only reads lifts no limit of reveals, one of notes none of cards."""
    free = Grant(frozenset({"detokenize"}), frozenset({"card"}), frozenset({"refund"}))
    notes = Grant(frozenset({"detokenize"}), frozenset({"note"}), frozenset({"refund"}))
    reads = Grant(frozenset({"read"}), frozenset({"card"}), frozenset({"refund"}))
    for second, own in ((free, None), (reads, 2), (notes, 2)):
        caller = caller_in(policy(r=REVEALS_CARDS, s=second), "shop/r", "shop/s")
        acting = require_reveal(caller, "full", "refund")
        assert (acting.own_limit("reveals", "card"), acting.own_limit("reveals", None)) == (own, own)
        assert acting.has_limits_by_type("reveals") is (second is notes)
        assert acting.own_limit("reveals", "note") == (None if second is notes else own)


def test_people_send_requests_again_each_alone() -> None:
    """Two people of one client who choose the same idempotency key do not meet."""
    anna, bert = (caller_in(policy(), sub=sub) for sub in (SUB, SUB.replace("6", "7")))
    assert anna.requester != bert.requester
