"""One export in parts that are asked for side by side: one approval, and whole only with each of them."""

import hashlib
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.service import exporter
from tests.support import policies
from tests.support.answers import problem, tokens
from tests.support.export_reader import Refused
from tests.support.exports import (
    ask,
    begin,
    begun,
    begun_in_parts,
    opened,
    opened_parts,
    page,
)
from tests.support.receipts import verify
from tests.support.world import World, world

TEXTS = 60


@pytest.fixture(scope="module")
def account() -> Iterator[World]:
    """Sixty tokens, and a client that exports without approval."""
    with world(policies.exporting()) as made:
        tokens(made.tokenize(*({"type": "text", "value": f"text {n}"} for n in range(TEXTS))))
        yield made


@pytest.fixture(autouse=True)
def policy(account: World) -> None:
    """No test begins under the policy of another."""
    account.deploy(policies.exporting())


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of at most four tokens, so that each part takes several."""
    monkeypatch.setattr(exporter, "PAGE", 4)
    monkeypatch.setattr(exporter, "SCANS", 4)


@pytest.mark.parametrize("parts", [2, 4, 8, 16])
def test_the_parts_together_are_all(account: World, parts: int) -> None:
    """Each token is in one part, whatever the order in which pages are asked for."""
    carried = begun_in_parts(account, parts)
    assert len(carried) == parts
    while under_way := [part for part in carried if part.cursor is not None]:
        for part in reversed(under_way):
            assert part.step().status == 200
    entries = opened_parts(account, [part.lines for part in carried])
    assert sorted(entry["value"] for entry in entries) == sorted(f"text {n}" for n in range(TEXTS))
    assert verify(account, carried[0].opening)["parts"] == parts
    receipts = [verify(account, json.loads(part.lines[-1])["receipt"]) for part in carried]
    assert [(receipt["part"], receipt["parts"]) for receipt in receipts] == [
        (number, parts) for number in range(1, parts + 1)
    ]
    assert sum(receipt["tokens"] for receipt in receipts) == TEXTS


def test_in_one_piece_it_is_as_it_was(account: World) -> None:
    """Neither opening nor receipt nor cursor says a word of parts, and the digests are those of version 1."""
    for asked in ({}, {"parts": 1}):
        answer = begin(account, asked)
        assert answer.body["cursors"] == [answer.body["cursor"]]
        carried = begun(account, asked)
        opening = verify(account, carried.opening)
        lines = carried.finish()
        receipt = verify(account, json.loads(lines[-1])["receipt"])
        assert not {"part", "parts"} & (opening.keys() | receipt.keys())
        assert opening["version"] == receipt["version"] == 1
        first = hashlib.sha256(b"tokenvault-export-1 opening\n" + carried.opening.encode())
        assert receipt["opening_sha256"] == first.hexdigest()
        assert len(opened(account, lines)) == TEXTS


def test_whole_is_only_what_has_each_part_once(account: World) -> None:
    """One that is missing, doubled, of another export, cut, or under another number is noticed."""
    mine, yours = (
        [part.finish() for part in begun_in_parts(account, 4)],
        [part.finish() for part in begun_in_parts(account, 4)],
    )
    assert len(opened_parts(account, [mine[2], mine[0], mine[3], mine[1]])) == TEXTS
    renamed = [json.dumps({**json.loads(mine[0][0]), "part": 2}), *mine[0][1:]]
    alone = [json.dumps({"tokenvault_export": 1, "opening": json.loads(mine[0][0])["opening"]}), *mine[0][1:]]
    for files in (
        mine[:3],
        [*mine, mine[0]],
        [*mine[:3], mine[0]],
        [*mine[:3], yours[3]],
        [*mine[:3], mine[3][:-1]],
        [*mine[:3], [*mine[3][:-1], mine[0][-1]]],
        [mine[0], renamed, *mine[2:]],
        [alone],
        [alone, *mine[1:]],
    ):
        with pytest.raises(Refused):
            opened_parts(account, files)


def test_pages_of_two_parts_do_not_mix(account: World) -> None:
    """Each part is a chain of its own from its first page on: a page of another one opens nowhere in it."""
    first, second, *others = [part.finish() for part in begun_in_parts(account, 4)]
    for mixed in (
        [first[0], second[1], *first[2:]],
        [*first[:2], second[2], *first[3:]],
        [second[0], *first[1:]],
        [first[0], *second[1:]],
    ):
        with pytest.raises(Refused):
            opened_parts(account, [mixed, second, *others])


def test_a_page_of_a_part_that_is_asked_for_again(account: World) -> None:
    """It goes on with the copy that its file holds, and the other parts know nothing of it."""
    first, second = begun_in_parts(account, 2)
    cursor = str(first.cursor)
    lost, again = page(account, first.opening, cursor), page(account, first.opening, cursor)
    assert lost.body["sealed"] != again.body["sealed"]
    first.take(again.body)
    assert len(opened_parts(account, [first.finish(), second.finish()])) == TEXTS


def test_cursors_are_of_their_export_and_part(account: World) -> None:
    """Those of the parts differ from the start, and none is good with another opening."""
    answer = begin(account, {"parts": 4})
    assert len(set(answer.body["cursors"])) == 4
    other = begun(account)
    for cursor in answer.body["cursors"]:
        problem(page(account, other.opening, cursor), 400, "invalid_request")
    problem(page(account, answer.body["opening"], str(other.cursor)), 400, "invalid_request")


def test_a_part_tells_how_much_of_it_was_walked(account: World) -> None:
    """From none of it to all of it, and never backwards."""
    [_, second, *_] = begun_in_parts(account, 4)
    walked = []
    while second.cursor is not None:
        walked.append(second.step().body["walked"])
    assert walked == sorted(walked)
    assert walked[-1] == 1.0
    assert 0 <= walked[0] < 1


@pytest.mark.parametrize("parts", [0, -1, 3, 17, 32, "4", 2.5, None])
def test_a_number_of_parts_that_cuts_no_vault(account: World, parts: Any) -> None:
    """Is refused before anything is done, by the field's name."""
    problem(begin(account, {"parts": parts}), 400, "invalid_request", "/parts")


def test_one_approval_for_all_parts(account: World) -> None:
    """It is used up once, says nothing of parts, and stands in the event of each page of each part."""
    account.deploy(policies.exporting(approval={}))
    approval = ask(account).body["approval"]
    assert account.decide(approval).body["state"] == "approved"
    problem(begin(account, {"parts": 4}), 403, "approval_required")
    carried = begun_in_parts(account, 4, approval=approval)
    problem(begin(account, {"parts": 4, "approval": approval}), 409, "approval_not_usable")
    files = [part.finish() for part in carried]
    assert len(opened_parts(account, files)) == TEXTS
    export = verify(account, carried[0].opening)["export_id"]
    pages = [each for each in account.events() if of_an_export(each, export) and "approval" in each]
    assert len(pages) == sum(len(lines) - 2 for lines in files)
    assert {event["approval"]["S"] for event in pages} == {approval}


def of_an_export(event: dict[str, Any], export: str) -> bool:
    """Whether it is the event of a page of this export."""
    return event["action"]["S"] == "export" and event.get("export") == {"S": export}


def test_a_budget_is_of_all_parts_together(account: World) -> None:
    """Parts side by side reveal no more in an hour than one after the other."""
    written = policies.exporting()
    written["tenants"]["shop"]["clients"]["mover"]["reveals_per_hour"] = 10
    for item in account.items("budgets"):
        account.dynamodb.delete_item(TableName="budgets", Key={name: item[name] for name in ("pk", "sk")})
    account.deploy(written)
    carried = begun_in_parts(account, 4)
    answers = [next(iter(carried)).step()]
    for part in itertools.cycle(carried):
        if answers[-1].status != 200:
            break
        answers.append(part.step())
    problem(answers[-1], 429, "budget_exceeded")
    export = verify(account, carried[0].opening)["export_id"]
    events = [each["outcomes"]["L"] for each in account.events() if of_an_export(each, export)]
    given = sum(outcome["M"]["outcome"]["S"] == "revealed" for each in events for outcome in each)
    assert 6 < given <= 10
    account.deploy(policies.exporting())
    assert len(opened_parts(account, [part.finish() for part in carried])) == TEXTS
