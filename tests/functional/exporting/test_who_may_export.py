"""Who may export, to whom, and when nobody may."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.errors import ConfigurationError
from tests.support import policies
from tests.support.answers import problem, tokens
from tests.support.exports import (
    CARD,
    TEXT,
    ask,
    begin,
    begun,
    events,
    exported,
    outcomes,
    pem,
    texts,
)
from tests.support.world import World

ANNA = {"sub": "6f2b4a1c-8d53-4c0e-9b7a-2e91d05c7a44", "username": "anna"}


def test_the_tokenizing_function_takes_no_access_token_that_exports(account: World) -> None:
    """Who took that function over could replay it against the other one."""
    problem(account.tokenize(TEXT, scopes=("tokenize", "export")), 403, "not_permitted")


def test_who_may_not(account: World) -> None:
    """Neither without the scope, nor for another purpose, nor with a type that the client may not use."""
    problem(begin(account, client="settlement"), 403, "not_permitted")
    problem(begin(account, scopes=("detokenize",)), 403, "not_permitted")
    problem(begin(account, {"purpose": "settlement"}), 403, "not_permitted")
    written = policies.exporting()
    written["tenants"]["shop"]["clients"]["mover"]["types"] = ["text"]
    account.deploy(written)
    problem(begin(account, {"types": ["card_number"]}), 403, "not_permitted")
    assert {event["refusal"]["S"] for event in events(account, "export.begin")} == {"not_permitted"}


@pytest.mark.parametrize("change", ["client", "tenant", "action", "type", "purpose", "approval"])
def test_who_may_no_longer(account: World, small_pages: None, change: str) -> None:
    """The policy is asked at each page, and an export is that of who began it."""
    texts(account, 9)
    carried, options = begun(account), {}
    written = policies.exporting()
    mover = written["tenants"]["shop"]["clients"]["mover"]
    if change == "client":
        written["tenants"]["shop"]["clients"]["other"] = mover | {
            "identities": [
                {"issuer": policies.ISSUER, "client_id": "id-of-other", "api_key_id": "key-of-other"}
            ]
        }
        options = {"client": "other"}
    elif change == "tenant":
        options = {"client": "clinic_mover"}
    elif change == "action":
        mover["actions"] = ["read"]
    elif change == "type":
        mover["types"] = ["text"]
    elif change == "purpose":
        mover["purposes"] = ["another"]
    else:
        written = policies.exporting(approval={})
    account.deploy(written)
    problem(carried.step(**options), 403, "not_permitted")
    assert events(account, "export")[-1]["refusal"]["S"] == "not_permitted"
    account.deploy(policies.exporting())
    assert carried.step().status == 200


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "some text",
        pem().replace("PUBLIC", "PRIVATE"),
        "-----BEGIN PUBLIC KEY-----\n" + "A" * 124 + "\n-----END PUBLIC KEY-----\n",
    ],
)
def test_a_recipient_is_a_public_key(account: World, recipient: str) -> None:
    """Anything else is refused before anything is done, and not quoted."""
    answer = begin(account, {"recipient": recipient})
    problem(answer, 400, "invalid_request")
    assert not recipient or recipient not in str(answer.body)


def test_a_key_of_another_curve_is_refused(account: World) -> None:
    """P-384 has another suite, which no reader of the format knows."""
    problem(
        begin(account, {"recipient": pem(ec.generate_private_key(ec.SECP384R1()))}), 400, "invalid_request"
    )


def test_a_restored_vault_exports_nothing(account: World) -> None:
    """What was erased since the backup is back there."""
    texts(account, 1)
    carried = begun(account)
    account.services["reveal"] = replace(account.services["reveal"], restoring=True)
    problem(begin(account), 503, "restoring")
    problem(carried.step(), 503, "restoring")


def test_where_nobody_may_there_is_no_route(account: World) -> None:
    """A vault whose policy lets nobody export does not even have the code of it loaded."""
    account.deploy(policies.document())
    problem(begin(account, client="settlement"), 404, "not_found")
    problem(ask(account, client="settlement"), 404, "not_found")


def test_a_person_exports_what_a_group_may(account: World) -> None:
    """By the path for people; within the person's own budget, and of the group's types alone."""
    group = {"actions": ["export"], "types": ["text"], "purposes": ["refund"], "reveals_per_hour": 1}
    account.deploy(policies.with_people(movers=group))
    made = tokens(account.tokenize(TEXT, CARD))
    signed_in: dict[str, Any] = {
        "client": "desk",
        "without_api_key": True,
        "cognito:groups": "shop/movers",
        **ANNA,
    }
    asked = {"purpose": "refund"}
    assert set(exported(account, asked, **signed_in)) == {made[0]}
    [given] = [event for event in events(account, "export") if outcomes(event)]
    assert given["username"]["S"] == "anna"
    again = begun(account, asked, **signed_in)
    while (answer := again.step(**signed_in)).status == 200:
        assert answer.body["tokens"] == 0, "a page may be empty"
    problem(answer, 429, "budget_exceeded")
    problem(begin(account, asked, **{**signed_in, "cognito:groups": ""}), 403, "not_permitted")


def test_a_client_that_is_held_to_less_exports_nothing(account: World) -> None:
    """Neither one that is held to fields, nor one that reveals for named persons alone: no policy says so."""
    for more, rule in (
        ({"fields": ["expiry"]}, "is held to fields that it may reveal in full and may export"),
        ({"purposes": []}, "may export but has no purpose to do it for"),
    ):
        written = policies.exporting()
        written["tenants"]["shop"]["clients"]["mover"] |= {"actions": ["detokenize", "export"], **more}
        account.put_policy(written)
        with pytest.raises(ConfigurationError) as refused:
            account.restart()
        assert [problem for problem in refused.value.problems if rule in problem]
