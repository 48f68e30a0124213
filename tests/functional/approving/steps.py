"""The steps of an approval, and what the trail says last."""

from typing import Any

from tests.support.answers import problem, tokens
from tests.support.world import Answer, World

ANNA = {"sub": "6f2b4a1c-8d53-4c0e-9b7a-2e91d05c7a44", "username": "anna"}
BERT = {"sub": "0c7d1e6b-1f7a-4b39-8a55-90d5f1b0c3de", "username": "bert"}
TEXT = {"type": "text", "value": "some text"}


def three(account: World) -> list[str]:
    return tokens(account.tokenize(*[TEXT] * 3))


def asked(account: World, *made: str, **options: Any) -> str:
    """The id of a new approval."""
    answer = account.ask_approval(*made, **options)
    assert answer.status == 200, answer.body
    return str(answer.body["approval"])


def approved(account: World, *made: str, **options: Any) -> str:
    """The id of an approval that the officer gave."""
    approval = asked(account, *made, **options)
    assert account.decide(approval).body["state"] == "approved"
    return approval


def reveal(account: World, approval: str, *made: str, purpose: str = "settlement", **options: Any) -> Answer:
    body = {"items": [{"token": token} for token in made], "purpose": purpose, "approval": approval}
    return account.detokenize(json_body=body, **options)


def last(account: World) -> dict[str, str]:
    """The texts of the last event."""
    event = max(account.events(), key=lambda item: item["sk"]["S"])
    return {name: held["S"] for name, held in event.items() if "S" in held}


def refused(account: World, answer: Answer, reason: str) -> None:
    """An approval was not usable, and the trail says why."""
    problem(answer, 409, "approval_not_usable")
    assert last(account)["refusal"] == f"approval_{reason}"
