"""Approvals at once, half way, and in wrong hands: at most one decision and one use, all on record."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from chalicelib.actors import Actor
from tests.support import policies
from tests.support.answers import codes, problem, tokens
from tests.support.deaths import every_death
from tests.support.faults import DYNAMODB_FAULTS, KMS_FAULTS
from tests.support.mortal import Mortal, mortal
from tests.support.world import Answer

TEXT = {"type": "text", "value": "some text"}


@pytest.fixture(scope="module")
def account() -> Iterator[Mortal]:
    """An account in which every full reveal of `settlement` needs approval."""
    with mortal(policies.approving(over_per_hour=0)) as made:
        yield made


@pytest.fixture(scope="module")
def made(account: Mortal) -> list[str]:
    """Two tokens."""
    return tokens(account.tokenize(TEXT, TEXT))


def asked(account: Mortal, made: list[str]) -> str:
    """A new approval, and nothing of an earlier one."""
    account.clear("audit", "budgets")
    return str(account.ask_approval(*made).body["approval"])


def approved(account: Mortal, made: list[str]) -> str:
    approval = asked(account, made)
    assert account.decide(approval).status == 200
    return approval


def reveal(account: Mortal, approval: str, made: list[str]) -> Answer:
    items = [{"token": token} for token in made]
    return account.detokenize(json_body={"items": items, "purpose": "settlement", "approval": approval})


def on_record(account: Mortal, approval: str) -> list[str]:
    """What the trail has of an approval, in order: action, and reason where it was refused."""
    events = [item for item in account.events() if item.get("approval", {}).get("S") == approval]
    events.sort(key=lambda item: item["sk"]["S"])
    return [" ".join(e[name]["S"] for name in ("action", "refusal") if name in e) for e in events]


def at_once(account: Mortal, *work: Callable[[], Answer]) -> list[Answer]:
    """Does all this at the same time, in a container each."""
    containers, barrier, mine = [], threading.Barrier(len(work)), threading.local()
    for _ in work:
        account.restart()
        containers.append(account.services["reveal"])

    def run(number: int) -> Answer:
        mine.service = containers[number]
        barrier.wait()
        return work[number]()

    own, account._service = account._service, lambda function: lambda: mine.service  # type: ignore[method-assign]
    try:
        with ThreadPoolExecutor(len(work)) as pool:
            return list(pool.map(run, range(len(work))))
    finally:
        account._service = own  # type: ignore[method-assign]


def test_two_approvers_at_once(account: Mortal, made: list[str]) -> None:
    """One decision stands, also where they disagree; each is told which, and both are on record."""
    for _ in range(3):
        approval = asked(account, made)
        answers = at_once(
            account,
            partial(account.decide, approval, "approve"),
            partial(account.decide, approval, "refuse", client="deputy"),
        )
        assert sorted(answer.status for answer in answers) == [200, 409]
        state = account.approval(approval).body["state"]
        assert state == ("approved" if answers[0].status == 200 else "refused")
        assert reveal(account, approval, made).status == (200 if state == "approved" else 409)
        loser = "approve" if state == "refused" else "refuse"
        assert f"approvals.{loser} approval_decided" in on_record(account, approval)


def test_approver_and_requester_in_one_second(account: Mortal, made: list[str]) -> None:
    """The reveal comes before the decision or behind it: refused as undecided, or shown, never neither."""
    for _ in range(3):
        approval = asked(account, made)
        decided, shown = at_once(
            account, partial(account.decide, approval), partial(reveal, account, approval, made)
        )
        assert decided.status == 200
        assert shown.status in {200, 409}
        trail = on_record(account, approval)
        assert ("detokenize" in trail) == (shown.status == 200)
        assert ("detokenize approval_undecided" in trail) == (shown.status == 409)
        assert account.approval(approval).body["state"] == ("used" if shown.status == 200 else "approved")


def test_many_replays_at_once(account: Mortal, made: list[str]) -> None:
    """Of eight reveals in as many containers one is answered, and seven are on record as refused."""
    approval = approved(account, made)
    answers = at_once(account, *[lambda: reveal(account, approval, made)] * 8)
    assert Counter(answer.status for answer in answers) == {200: 1, 409: 7}
    assert Counter(on_record(account, approval)[2:]) == {"detokenize": 1, "detokenize approval_used": 7}


def test_deaths_while_asking(account: Mortal, made: list[str]) -> None:
    """What is stored is on record, whether or not it was answered; asked again, there is a new one."""
    asked(account, made)
    for _ in every_death(account, lambda n: lambda: account.ask_approval(*made)):
        assert account.ask_approval(*made).body["state"] == "pending"
    stored = {item["pk"]["S"].rpartition("#")[2] for item in account.items("budgets")}
    on_trail = {item["approval"]["S"] for item in account.events() if "approval" in item}
    assert stored <= on_trail


def test_deaths_while_deciding(account: Mortal, made: list[str]) -> None:
    """No decision stands that is not on record; the retry is answered, and then it can be used."""
    asked_for: dict[int, str] = {}

    def prepare(n: int) -> Callable[[], Answer]:
        asked_for[n] = asked(account, made)
        return lambda: account.decide(asked_for[n])

    for n in every_death(account, prepare):
        approval = asked_for[n]
        if account.approval(approval).body["state"] == "approved":
            assert "approvals.approve" in on_record(account, approval)
        assert account.decide(approval).body["state"] == "approved"
        assert codes(reveal(account, approval, made)) == [None, None]


def test_deaths_while_revealing(account: Mortal, made: list[str]) -> None:
    """The retry shows the values, or is refused since they may have been shown: on record, none twice."""
    asked_for: dict[int, str] = {}

    def prepare(n: int) -> Callable[[], Answer]:
        asked_for[n] = approved(account, made)
        return lambda: reveal(account, asked_for[n], made)

    seen = set()
    for n in every_death(account, prepare):
        approval = asked_for[n]
        used = account.approval(approval).body["state"] == "used"
        again = reveal(account, approval, made)
        trail = on_record(account, approval)[2:]
        if used:
            problem(again, 409, "approval_not_usable")
            assert trail in (["detokenize approval_used"], ["detokenize", "detokenize approval_used"])
        else:
            assert codes(again) == [None, None]
            assert trail == ["detokenize"]
        seen.add((used, len(trail)))
    assert seen == {(False, 1), (True, 1), (True, 2)}


@pytest.mark.parametrize("lost", ["kms.Verify", "dynamodb.Query", "dynamodb.BatchGetItem"])
def test_a_reveal_that_cannot_read_uses_nothing(account: Mortal, made: list[str], lost: str) -> None:
    """Whatever it is that does not answer, the approval is there for the retry."""
    approval = approved(account, made)
    fault = KMS_FAULTS["throttled"] if lost.startswith("kms") else DYNAMODB_FAULTS["throttled"]
    account.fault = lambda name, given: fault if name == lost else None
    assert reveal(account, approval, made).status == 503
    account.fault = None
    assert codes(reveal(account, approval, made)) == [None, None]


def test_a_use_that_is_not_acknowledged_is_one(account: Mortal, made: list[str]) -> None:
    """A write that was done though its answer was lost: nothing is shown, now or by the retry."""
    approval = approved(account, made)

    def do_and_lose(name: str, given: dict[str, Any]) -> Exception | None:
        if name != "dynamodb.PutItem" or given["TableName"] != "budgets":
            return None
        account.dynamodb.put_item(**given)
        return DYNAMODB_FAULTS["read timeout"]

    account.fault = do_and_lose
    problem(reveal(account, approval, made), 503, "store_unavailable")
    account.fault = None
    problem(reveal(account, approval, made), 409, "approval_not_usable")
    assert on_record(account, approval)[2:] == ["detokenize approval_used"]


def forged(account: Mortal, approval: str, kind: str, **changed: Any) -> None:
    """Changes an item of an approval, as somebody who can write to the table would."""
    key = {"pk": {"S": f"~approvals#shop#{approval}"}, "sk": {"S": kind}}
    item = account.dynamodb.get_item(TableName="budgets", Key=key)["Item"]
    account.store({**item, **changed}, "budgets")


CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "who asked": ("request", {"client": {"S": "officer"}}),
    "what was asked for": ("request", {"tokens_sha256": {"S": "00" * 32}}),
    "how many it says": ("request", {"types": {"M": {"text": {"N": "1"}}}}),
    "what for": ("request", {"purpose": {"S": "refund"}}),
    "until when": ("request", {"expires_at": {"N": "9999999999"}}),
    "who decided": ("decision", {"client": {"S": "deputy"}}),
    "when": ("decision", {"at": {"N": "1"}}),
    "how": ("decision", {"approves": {"BOOL": True}}),
    "the signature": ("decision", {"signature": {"B": b"0"}}),
    "no number": ("decision", {"at": {"S": "x"}}),
}


@pytest.mark.parametrize(("kind", "changed"), CHANGES.values(), ids=CHANGES.keys())
def test_who_writes_to_the_table_approves_nothing(
    account: Mortal, made: list[str], kind: str, changed: dict[str, Any]
) -> None:
    """Whatever is changed of a refused approval, it does not verify: that is an alarm, and on record."""
    approval = asked(account, made)
    account.decide(approval, "refuse")
    forged(account, approval, kind, **changed)
    for answer in (reveal(account, approval, made), account.decide(approval)):
        problem(answer, 500, "record_corrupt")
    refusals = [item["refusal"]["S"] for item in account.events() if "refusal" in item]
    assert refusals == ["record_corrupt"] * 2


def test_a_decision_is_of_one_approval(account: Mortal, made: list[str]) -> None:
    """A yes to one request, put beside another, is none; nor is what the write path could sign or seal."""
    given = approved(account, made)
    approval = str(account.ask_approval(*made).body["approval"])
    key = {"pk": {"S": f"~approvals#shop#{given}"}, "sk": {"S": "decision"}}
    decision = account.dynamodb.get_item(TableName="budgets", Key=key)["Item"]
    account.store({**decision, "pk": {"S": f"~approvals#shop#{approval}"}}, "budgets")
    problem(reveal(account, approval, made), 500, "record_corrupt")


@pytest.mark.parametrize(
    ("first", "second", "two"),
    [
        (Actor("a"), Actor("a"), False),
        (Actor("a"), Actor("b"), True),
        (Actor("a", "1", "anna"), Actor("a", "2", "bert"), True),
        (Actor("a", "1", "anna"), Actor("a", "2", "Anna"), False),
        (Actor("a", "1", "anna"), Actor("a", "2"), False),
        (Actor("a", "1", "anna"), Actor("b", "1", "anna"), False),
        (Actor("a", "1"), Actor("a"), False),
        (Actor("a", "1"), Actor("b"), True),
    ],
)
def test_when_two_are_two(first: Actor, second: Actor, two: bool) -> None:
    """Users by `sub` and username, since the pools of two Regions give one person two subs, through whatever
    client; a client that acts for nobody by its name."""
    assert (first.is_second_to(second), second.is_second_to(first)) == (two, two)
