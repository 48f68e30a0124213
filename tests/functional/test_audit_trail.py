"""Every detokenize, search and erase is on record before it is answered, and so is every refusal of one."""

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.errors import RecordCorrupt
from tests.support.answers import problem
from tests.support.faults import DYNAMODB_FAULTS, dumps
from tests.support.world import World

CARD = {"type": "card_known", "value": "4111111111111111"}
TEXT = {"type": "text", "value": "some text"}


def events(account: World) -> list[dict[str, Any]]:
    """What the serving functions recorded, oldest first."""
    found = account.events()
    return sorted(found, key=lambda item: item["sk"]["S"])


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """What an event says of a request."""
    facts = {
        name: item[name]["S"]
        for name in ("action", "client", "purpose", "subject", "refusal")
        if name in item
    }
    outcomes = [{name: text["S"] for name, text in outcome["M"].items()} for outcome in item["outcomes"]["L"]]
    return {**facts, "outcomes": outcomes}


def last(account: World) -> dict[str, Any]:
    return plain(events(account)[-1])


def test_a_search_is_on_record_without_its_values(account: World) -> None:
    """The token that was found stands there; of what was not found, the type and why."""
    token = account.tokenize(CARD).only["token"]
    account.search(
        CARD, {**CARD, "value": "5555555555554444"}, TEXT, {"type": "4111111111111111", "value": "x"}
    )
    assert last(account) == {
        "action": "search",
        "client": "privacy",
        "outcomes": [
            {"outcome": "found", "token": token, "type": "card_known"},
            {"outcome": "unknown", "type": "card_known"},
            {"outcome": "invalid_value"},
            {"outcome": "unknown_type"},
        ],
    }
    assert "4111111111111111" not in dumps(account.items("audit"))
    assert "5555555555554444" not in dumps(account.items("audit"))


def test_an_erasure_is_on_record_before_it_is_done(account: World) -> None:
    """The event says what was found; where it cannot be written, nothing is erased."""
    token = account.tokenize(TEXT).only["token"]
    account.fault = lambda name, given: (
        DYNAMODB_FAULTS["throttled"] if given.get("TableName") == "audit" else None
    )
    problem(account.erase(token=token), 503, "store_unavailable")
    account.fault = None
    assert account.detokenize(token).only["value"] == TEXT["value"]
    for expected in ("erasing", "erased"):
        assert account.erase(token=token).status == 204
        assert last(account)["outcomes"] == [{"outcome": expected, "token": token}]
    account.erase(token="4111111111111111")
    assert last(account) == {
        "action": "erase.token",
        "client": "privacy",
        "outcomes": [{"outcome": "unknown"}],
    }


def test_erasing_a_subject_is_on_record_before_it_is_done(account: World) -> None:
    """The subject stands there only if known; what was never a subject's id is not repeated."""
    token = account.tokenize({**TEXT, "subject": "p1"}).only["token"]
    account.fault = lambda name, given: (
        DYNAMODB_FAULTS["throttled"] if given.get("TableName") == "audit" else None
    )
    problem(account.erase(subject="p1"), 503, "store_unavailable")
    account.fault = None
    assert account.detokenize(token).only["value"] == TEXT["value"]
    for expected in ("erasing", "erased"):
        assert account.erase(subject="p1").status == 200
        assert last(account)["outcomes"] == [{"outcome": expected}]
        assert last(account)["subject"] == "p1"
    account.erase(subject="123-45-6789")
    assert last(account) == {
        "action": "erase.person",
        "client": "privacy",
        "outcomes": [{"outcome": "unknown"}],
    }


def test_dying_behind_the_record_of_an_erasure_loses_nothing(account: World) -> None:
    """The record stands, the value too; asked again, it goes, and both attempts are on record."""
    token = account.tokenize(TEXT).only["token"]
    account.fault = lambda name, given: (
        RuntimeError("the function died") if name == "dynamodb.BatchWriteItem" else None
    )
    assert account.erase(token=token).status == 500
    account.fault = None
    assert last(account)["outcomes"] == [{"outcome": "erasing", "token": token}]
    assert account.detokenize(token).only["value"] == TEXT["value"]
    account.restart()
    assert account.erase(token=token).status == 204
    assert last(account)["outcomes"] == [{"outcome": "erasing", "token": token}]
    assert account.detokenize(token).only["error"]["code"] == "token_not_found"


def test_dying_behind_the_record_of_a_reveal_loses_nothing(account: World) -> None:
    """A container that dies once its event is stored, before it hears so, leaves a chain that is whole."""
    token = account.tokenize(TEXT).only["token"]

    def store_and_die(name: str, given: dict[str, Any]) -> Exception | None:
        if given.get("TableName") != "audit":
            return None
        account.store(given["Item"], "audit")
        return RuntimeError("the function died")

    account.fault = store_and_die
    assert account.detokenize(token).status == 500
    account.fault = None
    account.restart()
    assert account.detokenize(token).only["value"] == TEXT["value"]
    assert [item["sequence"]["N"] for item in events(account)] == ["0", "0"]


def test_refusals_are_on_record(account: World) -> None:
    """Who may not search, erase or reveal leaves an event with the reason, and without outcomes."""
    token = account.tokenize(TEXT).only["token"]
    refused = [
        ("search", lambda: account.search(CARD, client="checkout")),
        ("erase.token", lambda: account.erase(client="checkout", token=token)),
        ("erase.person", lambda: account.erase(client="checkout", subject="p1")),
        ("subjects.read", lambda: account.subject("p1", client="checkout")),
        ("detokenize", lambda: account.detokenize(token, client="checkout")),
        ("detokenize", lambda: account.detokenize(token, purpose="4111111111111111")),
    ]
    for action, ask in refused:
        problem(ask(), 403, "not_permitted")
        event = last(account)
        assert (event["action"], event["refusal"], event["outcomes"]) == (action, "not_permitted", [])
    assert "4111111111111111" not in dumps(events(account))


@pytest.mark.parametrize("fault", ["read timeout", "throttled"])
def test_no_answer_without_an_acknowledged_event(account: World, fault: str) -> None:
    """A search or a reveal whose event failed is a 503; afterwards the chain goes on without a gap."""
    account.tokenize(CARD)
    token = account.tokenize(TEXT).only["token"]
    account.search(CARD)
    account.detokenize(token)
    account.fault = lambda name, given: DYNAMODB_FAULTS[fault] if given.get("TableName") == "audit" else None
    problem(account.search(CARD), 503, "store_unavailable")
    problem(account.detokenize(token), 503, "store_unavailable")
    account.fault = None
    assert account.search(CARD).status == account.detokenize(token).status == 200
    numbers: dict[str, list[int]] = {}
    for item in events(account):
        numbers.setdefault(item["chain"]["S"], []).append(int(item["sequence"]["N"]))
    assert sorted(map(sorted, numbers.values())) == [[0, 1, 2], [0, 1, 2]]


def test_an_event_written_twice_is_one_event(account: World) -> None:
    """A write that botocore repeats meets its own item and is a success."""
    token = account.tokenize(TEXT).only["token"]

    def write_twice(name: str, given: dict[str, Any]) -> None:
        if given.get("TableName") == "audit" and name == "dynamodb.PutItem":
            account.store(given["Item"], "audit")

    account.fault = write_twice
    assert account.detokenize(token).only["value"] == TEXT["value"]
    assert len(events(account)) == 1


def test_an_event_is_never_overwritten(account: World) -> None:
    """What stands in an event's place stays; the request is refused, the next one begins a new chain."""
    token = account.tokenize(TEXT).only["token"]
    foreign: list[dict[str, Any]] = []

    def occupy(name: str, given: dict[str, Any]) -> None:
        if given.get("TableName") == "audit" and name == "dynamodb.PutItem" and not foreign:
            foreign.append({**given["Item"], "mac": {"B": b"another"}})
            account.store(foreign[0], "audit")

    account.fault = occupy
    problem(account.detokenize(token), 500, "record_corrupt")
    assert account.detokenize(token).status == 200
    assert foreign[0] in events(account)
    assert len({item["chain"]["S"] for item in events(account)}) == 2


def test_warm_events_cost_one_write(account: World) -> None:
    """Search and erase spend one write each on the trail, and no call to KMS."""
    account.tokenize(CARD)
    tokens = [account.tokenize(TEXT).only["token"] for _ in range(2)]
    account.search(CARD)
    account.erase(token=tokens[0])
    account.calls.clear()
    account.search(CARD)
    assert account.calls == ["kms.GenerateMac", "dynamodb.Query", "dynamodb.PutItem"]
    account.calls.clear()
    account.erase(token=tokens[1])
    assert account.calls == ["dynamodb.Query", "dynamodb.PutItem"] + ["dynamodb.BatchWriteItem"] * 2


def test_a_container_has_one_chain_and_another_has_another(account: World) -> None:
    """Chains are per container; the key of each lies in its first event, wrapped."""
    token = account.tokenize(TEXT).only["token"]
    account.detokenize(token)
    account.detokenize(token)
    account.restart()
    account.detokenize(token)
    found = events(account)
    assert [item["sequence"]["N"] for item in found] == ["0", "1", "0"]
    assert ["wrapped_key" in item for item in found] == [True, False, True]
    assert {item["function"]["S"] for item in found if "function" in item} == {"reveal"}


def test_checkpoints_note_every_chain(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run notes the last event of each chain since the run before, that run's own among them."""
    token = account.tokenize(TEXT).only["token"]
    account.detokenize(token)
    account.detokenize(token)
    account.erase(client="intake", token="unknown")
    [first] = checkpoints(account)
    ends = {item["chain"]["S"]: item for item in [first, events(account)[-1]]}
    clock = wiring.time.time
    monkeypatch.setattr(wiring.time, "time", lambda: clock() + 120)
    account.maintain()
    second = checkpoints(account)[-1]
    assert second["since"] == first["until"]
    noted = {tail["M"]["chain"]["S"]: tail["M"] for tail in second["tails"]["L"]}
    assert {chain: (tail["sequence"], tail["mac"]) for chain, tail in noted.items()} == {
        chain: (item["sequence"], item["mac"]) for chain, item in ends.items()
    }


def test_foreign_items_do_not_stop_the_maintenance_function(
    account: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody else put into the table is no event of a chain; it is for the verifier to tell."""
    [first] = checkpoints(account)
    when = first["sk"]["S"]
    odd_ones: list[dict[str, Any]] = [
        {"sequence": {"N": "1.5"}},
        {"chain": {"S": "x" * 2000}},
        {"chain": {"N": "1"}},
        {"mac": {"B": b"x"}},
    ]
    for number, odd in enumerate(odd_ones):
        place = {"pk": {"S": f"shop#{when[:10]}"}, "sk": {"S": f"{when}{number}"}}
        account.store({**first, **place, **odd}, "audit")
    clock = wiring.time.time
    monkeypatch.setattr(wiring.time, "time", lambda: clock() + 120)
    account.maintain()
    [tail] = checkpoints(account)[-1]["tails"]["L"]
    assert tail["M"]["chain"] == first["chain"]


def test_spoiled_keys_do_not_stop_the_checkpoints(account: World) -> None:
    """The run fails, and says so; the ends of chains are noted all the same."""
    before = len(checkpoints(account))
    account.store({"pk": {"S": "shop"}, "sk": {"S": "branch#spoiled"}}, "keys")
    with pytest.raises(RecordCorrupt):
        account.maintain()
    assert len(checkpoints(account)) == before + 1


def checkpoints(account: World) -> list[dict[str, Any]]:
    found = [item for item in account.items("audit") if item["pk"]["S"].startswith("#")]
    return sorted(found, key=lambda item: item["sk"]["S"])
