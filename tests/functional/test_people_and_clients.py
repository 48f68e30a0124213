"""A person is one through whatever client, and may be the second person for what a service asks."""

from chalicelib.api.routes import USER_PREFIX
from tests.support import policies
from tests.support.answers import problem
from tests.support.world import Answer, World, world

ANNA = {"sub": "6f2b4a1c-8d53-4c0e-9b7a-2e91d05c7a44", "username": "anna"}
BERT = {"sub": "0d4f7a90-1b2c-4d3e-8f60-5a6b7c8d9e0f", "username": "bert"}
TEXT = {"type": "text", "value": "some text"}


def reveal(account: World, *tokens: str, client: str = "desk", who: dict[str, str] = ANNA) -> Answer:
    """A full reveal by a person, at the path for people."""
    body = {"items": [{"token": token} for token in tokens], "purpose": "refund"}
    path, scopes, groups = f"{USER_PREFIX}/v1/detokenize", ("detokenize",), {"cognito:groups": "shop/refunds"}
    return account.call(
        "reveal", "POST", path, client, scopes=scopes, without_api_key=True, json_body=body, **groups, **who
    )


def test_one_person_has_one_budget_through_whatever_client() -> None:
    """A page and a shell are two clients, and whoever signs in to both is one person."""
    refunds = {"actions": ["detokenize"], "types": ["text"], "purposes": ["refund"], "reveals_per_hour": 3}
    written = policies.with_people(refunds=refunds)
    clients = written["tenants"]["shop"]["clients"]
    [identity] = clients["desk"]["identities"]
    clients["shell"] = clients["desk"] | {"identities": [identity | {"client_id": "id-of-shell"}]}
    with world(written) as account:
        token = account.tokenize(TEXT).only["token"]
        assert reveal(account, *[token] * 3).status == 200
        problem(reveal(account, token, client="shell"), 429, "budget_exceeded")


def test_a_person_of_a_group_approves() -> None:
    """What a service asks for, whoever signed in and may approve decides."""
    written = policies.approving()
    grouped = policies.with_people(officers={"actions": ["approve"], "types": ["text"]})["tenants"]["shop"]
    written["tenants"]["shop"]["clients"]["desk"] = grouped["clients"]["desk"]
    written["tenants"]["shop"]["groups"] = grouped["groups"]
    with world(written) as made:
        asked_for = [made.tokenize(TEXT).only["token"] for _ in range(3)]
        approval = made.ask_approval(*asked_for).body["approval"]
        decided = made.call(
            "reveal",
            "POST",
            USER_PREFIX + "/v1/approvals/{approval}/decision",
            "desk",
            scopes=("approve",),
            approval=approval,
            without_api_key=True,
            json_body={"decision": "approve"},
            **{"cognito:groups": "shop/officers", **ANNA},
        )
        assert decided.status == 200, decided.body
        assert (decided.body["state"], decided.body["decided_by"]["username"]) == ("approved", "anna")


def test_who_is_over_their_own_budget_takes_nothing_of_what_all_may_without_approval() -> None:
    """Else anybody could bring the whole client to approvals for the rest of the hour."""
    refunds = {"actions": ["detokenize"], "types": ["text"], "purposes": ["refund"], "reveals_per_hour": 1}
    written = policies.with_people(refunds=refunds, officers={"actions": ["approve"], "types": ["text"]})
    written["tenants"]["shop"]["clients"]["desk"]["approval"] = {"over_per_hour": 2}
    with world(written) as account:
        token = account.tokenize(TEXT).only["token"]
        for _ in range(3):
            problem(reveal(account, token, token), 429, "budget_exceeded")
        assert reveal(account, token, who=BERT).status == 200
