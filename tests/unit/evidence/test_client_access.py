"""The matrix of clients says what the service would decide."""

import copy
from typing import Any

import pytest

from local.dev import snapshot
from tests.support.evidence.client_access import client_access, grants
from tests.support.evidence.part import CannotHaveError
from tests.support.identity_provider import ISSUER, IdentityProvider


@pytest.fixture
def policy() -> dict[str, Any]:
    """The local stack's policy; settlement may use cards only."""
    changed = copy.deepcopy(snapshot.read()["policy"])
    changed["tenants"]["shop"]["clients"]["settlement"]["types"] = ["card_number"]
    return dict(changed)


def of(policy: dict[str, Any], client: str) -> set[tuple[str | None, ...]]:
    """What a client may: action, type, purpose."""
    allowed, _ = grants(policy)
    return {(g["action"], g["type"], g["purpose"]) for g in allowed if g["client"] == client}


def test_a_full_reveal_needs_one_of_the_clients_purposes(policy: dict[str, Any]) -> None:
    """For its own types; a client that reveals may see masks too, without naming a purpose."""
    assert of(policy, "settlement") == {
        ("detokenize", "card_number", "refund"),
        ("detokenize", "card_number", "settlement"),
        ("detokenize.masked", "card_number", None),
        ("detokenize.masked", "card_number", "refund"),
        ("detokenize.masked", "card_number", "settlement"),
    }


def test_who_may_not_reveal_does_not_stand_there(policy: dict[str, Any]) -> None:
    """Checkout takes in and reads facts, support sees masks, and erasing is of types, too."""
    types = set(policy["types"])
    actions = ("tokenize", "read", "capture")
    assert of(policy, "checkout") == {(action, kind, None) for action in actions for kind in types}
    assert {action for action, *_ in of(policy, "support")} == {"detokenize.masked", "read"}
    assert {kind for action, kind, _ in of(policy, "privacy") if action == "erase"} == types


def test_people_may_what_one_of_their_groups_may(policy: dict[str, Any]) -> None:
    """Within what the client may; who is in no group may nothing, and two groups do not add up."""
    shop = policy["tenants"]["shop"]
    kinds = ["card_number", "text"]
    may = {"actions": ["detokenize", "detokenize.masked", "read"], "types": kinds, "purposes": ["refund"]}
    shop["clients"]["desk"], shop["groups"] = {**may, "kind": "browser"}, {}
    assert of(policy, "desk") == set()
    shop["groups"] = {
        "refunds": {"actions": ["detokenize", "erase"], "types": ["text"], "purposes": ["refund"]},
        "masks": {"actions": ["detokenize.masked"], "types": ["card_number", "email"], "reveals_per_hour": 7},
    }
    assert of(policy, "desk") == {
        ("detokenize", "text", "refund"),
        ("detokenize.masked", "text", "refund"),
        ("detokenize.masked", "text", None),
        ("detokenize.masked", "card_number", None),
    }
    part = client_access(policy, "here")
    assert ["shop/desk", "shop/masks", "detokenize.masked", "card_number", "without one"] in part.tables[
        0
    ].rows
    assert ["each person of shop/masks", "7", "no limit", "no limit"] in part.tables[1].rows
    assert part.data["budgets_of_each_person"]["shop/masks"]["reveals_per_hour"] == 7


def test_the_part_says_whose_reveals_a_second_person_approves(policy: dict[str, Any]) -> None:
    """Over how many, and of which types always; where nobody's, that is said."""
    assert client_access(policy, "here").tables[2].rows == [["nobody's", "no limit", "none", "never"]]
    policy["tenants"]["shop"]["clients"]["settlement"]["approval"] = {"over_per_hour": 0, "types": ["text"]}
    part = client_access(policy, "here")
    said = {"over_per_hour": 0, "types": ["text"], "valid_seconds": 3600}
    assert part.data["approval"] == {"shop/settlement": said}
    assert part.tables[2].rows == [["shop/settlement", "0", "text", "3600"]]


def test_the_part_says_how_much_was_asked(policy: dict[str, Any]) -> None:
    """So that a reader can tell a denial from a question that nobody asked; budgets stand beside it."""
    part = client_access(policy, "here")
    services, groups, types, purposes = 5, 2, 5, 3
    asked = (services + groups) * (7 * types + 3 * types * (purposes + 1))
    assert part.data["asked"] == asked
    assert part.summary.startswith(f"of {asked} questions {len(part.data['allowed'])} are allowed")
    assert part.data["budgets"]["shop/support"]["reveals_per_hour"] == 90
    assert ["shop/settlement", "a service", "detokenize", "card_number", "refund, settlement"] in part.tables[
        0
    ].rows


def test_the_part_says_who_is_held_to_fields(policy: dict[str, Any]) -> None:
    """By name, with the fields; where nobody is, that is said."""
    assert client_access(policy, "here").tables[-3].rows == [["nobody", "none"]]
    policy["tenants"]["shop"]["clients"]["settlement"]["fields"] = ["holder", "expiry"]
    part = client_access(policy, "here")
    assert part.data["fields"] == {"shop/settlement": ["expiry", "holder"]}
    assert part.tables[-3].rows == [["shop/settlement", "expiry, holder"]]


def test_the_part_says_whose_word_is_taken_for_whom_they_reveal(policy: dict[str, Any]) -> None:
    """Those clients by name; where there is none, that is said instead of an empty table."""
    assert client_access(policy, "here").data["on_behalf_of"] == []
    assert client_access(policy, "here").tables[-2].rows == [["nobody's"]]
    policy["tenants"]["shop"]["clients"]["settlement"]["on_behalf_of"] = True
    part = client_access(policy, "here")
    assert (part.data["on_behalf_of"], part.tables[-2].rows) == (["shop/settlement"], [["shop/settlement"]])


def test_the_part_says_whose_assertions_are_taken(policy: dict[str, Any]) -> None:
    """Whose they are, and whether a client reveals without one."""
    assert client_access(policy, "here").tables[-1].rows == [["nobody", "none", "never"]]
    said = {**IdentityProvider().policy, "required": True}
    policy["tenants"]["shop"]["clients"]["settlement"]["assertions"] = said
    part = client_access(policy, "here")
    assert part.data["assertions"] == {"shop/settlement": [ISSUER, "always"]}
    assert part.tables[-1].rows == [["shop/settlement", ISSUER, "always"]]


@pytest.mark.parametrize("broken", [{}, {"tenants": {"a": {"clients": {"b": {}}}}}, {"tenants": 1}])
def test_what_is_no_policy_is_no_empty_matrix(broken: dict[str, Any]) -> None:
    """An empty matrix would say that nobody may do anything."""
    with pytest.raises(CannotHaveError, match="does not parse"):
        grants(broken)
