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
    """Checkout takes in and reads facts, support sees masks, and erasing looks at no type."""
    types = set(policy["types"])
    actions = ("tokenize", "read", "capture")
    assert of(policy, "checkout") == {(action, kind, None) for action in actions for kind in types}
    assert {action for action, *_ in of(policy, "support")} == {"detokenize.masked", "read"}
    assert ("erase", "every type", None) in of(policy, "privacy")


def test_the_part_says_how_much_was_asked(policy: dict[str, Any]) -> None:
    """So that a reader can tell a denial from a question that nobody asked; budgets stand beside it."""
    part = client_access(policy, "here")
    clients, types, purposes = 6, 4, 3
    asked = clients * (6 * types + 1 + 2 * types * (purposes + 1))
    assert part.data["asked"] == asked
    assert part.summary.startswith(f"of {asked} questions {len(part.data['allowed'])} are allowed")
    assert part.data["budgets"]["shop/support"]["reveals_per_hour"] == 90
    assert ["shop/settlement", "detokenize", "card_number", "refund, settlement"] in part.tables[0].rows


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
