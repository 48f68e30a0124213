"""The values of a type get their tokens under another PRF key, and the recipient alone learns which."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.errors import InvalidRequest, KeyUnavailable, Restoring, StoreUnavailable
from chalicelib.service import token_walker
from tests.support import policies
from tests.support.answers import tokens
from tests.support.export_reader import Refused, read
from tests.support.exports import pem, receipt_key
from tests.support.faults import DYNAMODB_FAULTS
from tests.support.receipts import verify
from tests.support.retokenizing import RUN, Retokenizing, naming, pairs, switch
from tests.support.world import World, captured_lines, world

TYPES = {**policies.TYPES, "card_known": {"format": "card_number", "mode": "deterministic"}}
SECOND = naming(text_known=2, card_known=2)
OTHER_RUN = "f" * 32


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with world(naming()) as made:
        yield made


@pytest.fixture
def account(shared: World) -> World:
    """An account with nothing of an earlier test in it, whose types name the first key."""
    for table in ("audit", "budgets", "idempotency", "subjects", "vault"):
        for item in shared.items(table):
            shared.dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
    for item in shared.items("keys"):
        if item["pk"]["S"].endswith("#tokens"):
            shared.dynamodb.delete_item(TableName="keys", Key={name: item[name] for name in ("pk", "sk")})
    switch(shared, naming())
    return shared


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of at most four tokens, so that a few take several."""
    monkeypatch.setattr(token_walker, "PAGE_TOKENS", 4)


def texts(account: World, count: int, first: int = 0, **more: Any) -> list[str]:
    items = ({"type": "text_known", "value": f"text {n}", **more} for n in range(first, first + count))
    return tokens(account.tokenize(*items))


def values(account: World, made: list[str]) -> list[str]:
    shown = account.detokenize(*made).body["results"]
    return [entry.get("value", entry.get("error", {}).get("code")) for entry in shown]


@pytest.mark.parametrize("name", ["text_known", "card_known"])
def test_every_value_has_a_new_token_and_keeps_its_old_one(
    account: World, small_pages: None, name: str
) -> None:
    """For either derivation. The new token is the one that tokenizing gives from now on."""
    cards = ["4111111111111111", "5555555555554444", "378282246310005"]
    given = [f"text {n}" for n in range(11)] if name == "text_known" else cards
    items = [{"type": name, "value": value} for value in given]
    old = tokens(account.tokenize(*items))
    switch(account, SECOND)
    run = Retokenizing(account, name).begin()
    moved = pairs(run.finish())
    assert set(moved) == set(old)
    assert values(account, [*old, *moved.values()]) == [*given, *(given[old.index(t)] for t in moved)]
    assert tokens(account.tokenize(*items)) == [moved[token] for token in old]
    assert tokens(account.search(*items)) == [moved[token] for token in old]
    assert (run.total("moved"), run.total("failed")) == (len(given), 0)


def test_a_new_record_says_what_the_old_one_said(account: World) -> None:
    """Times, metadata, creator and subject; it needs the very secret that the old one needs."""
    [old] = texts(account, 1, subject="p1", metadata={"order": "7"})
    switch(account, SECOND)
    [entry] = Retokenizing(account).begin().finish()
    before, after = account.stored(old), account.stored(entry["new_token"])
    for name in ("type", "created", "metadata", "by", "subject", "subject_secret"):
        assert after[name] == before[name]
    assert after["fingerprint"] != before["fingerprint"]
    facts = account.facts(entry["new_token"]).body
    assert (entry["created"], entry["created_by"], entry["subject"]) == (facts["created"], "checkout", "p1")
    assert (entry["metadata"], entry["type"]) == ({"order": "7"}, "text_known")
    assert {each["token"] for each in account.subject("p1").body["tokens"]} == {old, entry["new_token"]}


def test_the_facts_of_a_card_stay(account: World) -> None:
    """Brand, BIN and fingerprint: they follow from the first key, and from the number."""
    card_type = {"options": {"brand": True, "bin_digits": 6, "fingerprint": True}, **TYPES["card_known"]}
    switch(account, naming({**TYPES, "card_known": card_type}))
    card = {"type": "card_known", "value": "4111111111111111"}
    old = account.tokenize(card).only
    switch(account, naming({**TYPES, "card_known": card_type}, card_known=2))
    [entry] = Retokenizing(account, "card_known").begin().finish()
    assert account.facts(entry["new_token"]).body["card"] == old["card"]
    assert account.tokenize(card).only["card"] == old["card"]


def test_the_papers_say_what_it_is(account: World) -> None:
    """Whose tokens, of which type, to which key, for whom; and they pass for no export's."""
    texts(account, 3)
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    run.finish()
    opening, receipt = verify(account, run.opening), verify(account, json.loads(run.lines[-1])["receipt"])
    for papers in (opening, receipt):
        assert (papers["tenant"], papers["types"], papers["prf_key"]) == ("shop", ["text_known"], 2)
        assert (papers["export_id"], papers["purpose"]) == (RUN, "retokenize")
    assert (receipt["tokens"], receipt["failed"], receipt["chunks"]) == (3, 0, 1)
    with pytest.raises(Refused, match="signed as something else"):
        read(run.lines, ec.generate_private_key(ec.SECP256R1()), receipt_key(account))


def test_only_the_recipient_learns_the_pairs(account: World) -> None:
    """Nothing in the tables names both tokens, nor does a log."""
    [old] = texts(account, 1)
    switch(account, SECOND)
    with captured_lines() as lines:
        [entry] = Retokenizing(account).begin().finish()
        logged = json.dumps(lines())
    new = entry["new_token"]
    assert old not in logged
    assert new not in logged
    for table in ("vault", "keys", "subjects", "audit", "idempotency", "budgets"):
        for item in account.items(table):
            assert not (old in str(item) and new in str(item)), table


def test_each_page_is_on_record_before_anything_is_written(account: World, small_pages: None) -> None:
    """By its old tokens and their type, for the operator; a page that is not on record writes nothing."""
    old = texts(account, 6)
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    records = len(account.items("vault"))
    run.walk(revision=0)
    account.fault = lambda name, given: (
        DYNAMODB_FAULTS["throttled"] if given.get("TableName") == "audit" else None
    )
    with pytest.raises(StoreUnavailable):
        run.page()
    account.fault = None
    assert len(account.items("vault")) == records
    assert len(run.finish()) == 6
    events = [item for item in account.events() if item["action"]["S"].startswith("retokenize")]
    assert {item["client"]["S"] for item in events} == {"~operator"}
    named = [
        outcome["M"]
        for item in events
        if item["action"]["S"] == "retokenize"
        for outcome in item["outcomes"]["L"]
    ]
    assert {outcome["token"]["S"] for outcome in named} == set(old)
    assert {(o["outcome"]["S"], o["type"]["S"]) for o in named} == {("retokenized", "text_known")}
    [begun] = [item for item in events if item["action"]["S"] == "retokenize.begin"]
    assert begun["export"]["S"] == RUN


def test_what_is_not_to_be_moved_is_passed_over(account: World) -> None:
    """Other types, other tenants, what is under the key already, erased tokens and subjects."""
    mine = texts(account, 3)
    others = tokens(account.tokenize({"type": "text", "value": "x"}, {"type": "short_lived", "value": "y"}))
    account.tokenize({"type": "text_known", "value": "theirs"}, client="intake")
    [of_subject] = texts(account, 1, 50, subject="p1")
    account.erase(token=mine[0])
    account.erase(subject="p1")
    switch(account, SECOND)
    [early] = texts(account, 1, 99)
    run = Retokenizing(account).begin()
    moved = pairs(run.finish())
    assert set(moved) == set(mine[1:])
    assert not {early, of_subject, *others} & set(moved)
    assert run.total("passed") == 1
    assert run.total("closed") in (0, 1)  # the clean-up may have taken the record of the subject by now


def test_tokens_that_follow_from_no_key_are_passed_over(account: World) -> None:
    """A type that was random once has records without a fingerprint: their tokens stay as they are."""
    random = {**policies.TYPES, "text_known": {"format": "text"}}
    switch(account, naming(random))
    [old] = texts(account, 1)
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    assert run.finish() == []
    assert run.total("passed") == 1
    assert values(account, [old]) == ["text 0"]


def test_a_value_that_was_tokenized_anew_before_the_walk_comes(account: World) -> None:
    """The pair names the token that it has by then, and its record stays as it is."""
    [old] = texts(account, 1)
    switch(account, SECOND)
    [new] = texts(account, 1)
    before = account.stored(new)
    assert pairs(Retokenizing(account).begin().finish()) == {old: new}
    assert account.stored(new) == before


def test_a_second_run_gives_the_same_pairs_while_old_tokens_live(account: World) -> None:
    """And nothing once they were erased."""
    old = texts(account, 5)
    switch(account, SECOND)
    first = pairs(Retokenizing(account).begin().finish())
    assert pairs(Retokenizing(account, run=OTHER_RUN).begin().finish()) == first
    for token in old:
        account.erase(token=token)
    again = Retokenizing(account, run="0" * 32).begin()
    assert again.finish() == []
    assert again.total("passed") == 5


def test_tokens_of_two_keys_ago_move_in_one_go(account: World) -> None:
    """A value with tokens under two keys gets one new token, and a pair for each old one."""
    first = texts(account, 2)
    switch(account, SECOND)
    [second] = texts(account, 1)
    switch(account, naming(text_known=3))
    moved = pairs(Retokenizing(account).begin().finish())
    assert set(moved) == {*first, second}
    assert moved[first[0]] == moved[second] != moved[first[1]]


def test_a_page_whose_answer_was_lost_gives_the_same_pairs(account: World, small_pages: None) -> None:
    """Asked again, also by a new container, it fits behind what was received; nothing is made twice."""
    texts(account, 9)
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    run.step()
    run.walk(revision=1)
    lost = run.page()
    made = len(account.items("vault"))
    run.restart()
    again = run.page()
    assert lost["sealed"] != again["sealed"]
    assert len(account.items("vault")) == made
    run.take(again)
    assert len(pairs(run.finish())) == 9


def test_a_step_whose_answer_was_lost_is_asked_again(account: World, small_pages: None) -> None:
    """It puts down no other page, so none is passed over; and none is put down ahead of time."""
    texts(account, 9)
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    once = run.walk(revision=0)
    assert run.walk(revision=0) == once
    assert run.walk() == once
    for revision in (2, 5, -1):
        with pytest.raises(InvalidRequest, match="the walk stands at another page"):
            run.walk(revision=revision)
    run.walk(revision=1)
    with pytest.raises(InvalidRequest, match="the walk stands at another page"):
        run.page()  # the page before was not taken


def test_a_page_is_given_to_its_own_cursor_alone(account: World, small_pages: None) -> None:
    """Not to one of another run, type, recipient, key or use, nor to a changed one."""
    texts(account, 9)
    account.tokenize({"type": "card_known", "value": "4111111111111111"})
    switch(account, SECOND)
    run, other = Retokenizing(account).begin(), Retokenizing(account, "card_known", run=OTHER_RUN).begin()
    run.walk(revision=0)
    with pytest.raises(InvalidRequest, match="cursor: it is of another run"):
        run.send(opening=run.opening, cursor=other.cursor)
    with pytest.raises(InvalidRequest, match="cursor: it is none that this vault gave"):
        run.send(opening=run.opening, cursor=f"x{run.cursor}")
    for_another = Retokenizing(account).begin(pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(InvalidRequest, match="cursor: it is of another run"):
        run.send(opening=for_another.opening, cursor=run.cursor)
    switch(account, naming(text_known=3, card_known=2))
    run.restart()
    with pytest.raises(InvalidRequest, match="another prf_key by now"):
        run.page()


def test_of_two_runs_at_once_one_is_told(account: World, small_pages: None) -> None:
    """The second is refused, unless it ends the first, which then gets no more."""
    texts(account, 9)
    switch(account, SECOND)
    first = Retokenizing(account).begin()
    first.step()
    second = Retokenizing(account, run=OTHER_RUN)
    with pytest.raises(InvalidRequest, match="another run goes on with this type"):
        second.begin()
    second.begin(anew=True)
    second.step()
    with pytest.raises(InvalidRequest, match="another run began"):
        first.step()
    with pytest.raises(InvalidRequest, match="another run of this type began"):
        first.page()
    assert len(pairs(second.finish())) == 9


def test_types_of_a_tenant_move_side_by_side(account: World) -> None:
    """Walks of two types, and of a rotation, do not see each other."""
    old = texts(account, 2)
    [card] = tokens(account.tokenize({"type": "card_known", "value": "4111111111111111"}))
    switch(account, SECOND)
    runs = [Retokenizing(account).begin(), Retokenizing(account, "card_known", run=OTHER_RUN).begin()]
    assert [set(pairs(run.finish())) for run in runs] == [set(old), {card}]


@pytest.mark.parametrize(
    ("tenant", "name", "rule"),
    [
        ("nobody", "text_known", "^tenant: the policy has no tenant of this name$"),
        ("shop", "unknown", "^type: the policy has no information type of this name$"),
        ("shop", "text", "^type: it is random, and its tokens follow from no key$"),
        ("shop", "card_known", "^type: its prf_key is the first"),
        ("Shop", "text_known", "^tenant: its name is needed$"),
    ],
)
def test_what_cannot_be_moved_is_refused(account: World, tenant: str, name: str, rule: str) -> None:
    """By its field and its rule, before anything is written."""
    switch(account, naming(text_known=2))
    before = len(account.items("keys"))
    with pytest.raises(InvalidRequest, match=rule):
        Retokenizing(account, name, tenant).begin()
    assert len(account.items("keys")) == before


def test_a_vault_without_another_key_gives_no_new_tokens(account: World) -> None:
    """The role has no right to, and the function says so."""
    with pytest.raises(InvalidRequest, match="no type of the policy has a prf_key above 1"):
        Retokenizing(account)


def test_a_vault_that_is_being_restored_gives_no_new_tokens(
    account: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Erased tokens live there."""
    switch(account, SECOND)
    env = account.env
    monkeypatch.setattr(account, "env", lambda name: env(name) | {"TOKENVAULT_RESTORING": "on"})
    with pytest.raises(Restoring):
        Retokenizing(account)


def test_a_run_does_not_begin_before_its_key_is_ready(account: World) -> None:
    """It would find no token; nothing is on record of it."""
    texts(account, 1)
    for item in account.items("keys"):
        if item["sk"]["S"] == "ready#prf-2":
            account.dynamodb.delete_item(TableName="keys", Key={n: item[n] for n in ("pk", "sk")})
    switch(account, SECOND, provided=False)
    with pytest.raises(KeyUnavailable):
        Retokenizing(account).begin()
    account.maintain()
    assert len(Retokenizing(account).begin().finish()) == 1


def test_a_tenant_without_the_type_has_an_empty_file(account: World) -> None:
    """A file with no pair is a file, and its receipt says that there was none."""
    texts(account, 2)
    switch(account, SECOND)
    run = Retokenizing(account, tenant="clinic").begin()
    assert run.finish() == []
    assert verify(account, json.loads(run.lines[-1])["receipt"])["tokens"] == 0


def test_changed_records_are_named_as_failed(account: World) -> None:
    """By their tokens and a code, as exports do; the others move."""
    old = texts(account, 3)
    changed = account.stored(old[0])
    account.store({**changed, "created": {"N": str(int(changed["created"]["N"]) + 1)}})
    unreadable = account.stored(old[1])
    account.store({name: value for name, value in unreadable.items() if name != "*amzn-ddb-map-sig*"})
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    entries = run.finish()
    failed = {entry["token"]: entry["error"] for entry in entries if "error" in entry}
    assert failed == {old[0]: "record_corrupt", old[1]: "record_corrupt"}
    assert set(pairs(entries)) == {old[2]}
    assert verify(account, json.loads(run.lines[-1])["receipt"])["failed"] == 2


def test_a_value_without_a_free_place_is_named_as_failed(account: World) -> None:
    """Old and new tokens take places of one space; where all four of a value are taken, it keeps the old."""
    tiny = {
        "format": "custom",
        "mode": "deterministic",
        "derivation": "cached",
        "options": {"alphabet": "0123456789", "length": 4},
        "expected_tokens": 20,
    }
    types = {**policies.TYPES, "tiny": tiny}
    switch(account, naming(types))
    [old] = tokens(account.tokenize({"type": "tiny", "value": "1234"}))
    switch(account, naming(types, tiny=2))
    while new := account.tokenize({"type": "tiny", "value": "1234"}).only.get("token"):
        account.erase(token=new)
    entries = Retokenizing(account, "tiny").begin().finish()
    assert entries == [{"token": old, "error": "token_space_exhausted"}]
    assert values(account, [old]) == ["1234"]


def test_a_subject_that_is_erased_meanwhile_has_no_pair(account: World) -> None:
    """Its value may have been written by then: the marker closes both tokens, and neither is told."""
    [old] = texts(account, 1, subject="p1")
    [stays] = texts(account, 1)
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    erased = list[int]()

    def erase(name: str, given: dict[str, Any]) -> None:
        if name == "dynamodb.PutItem" and given["TableName"] == "vault" and not erased:
            erased.append(1)
            assert account.erase(subject="p1").status == 200

    account.fault = erase
    moved = pairs(run.finish())
    account.fault = None
    assert erased
    assert set(moved) == {stays}
    assert run.total("closed") == 1
    shown = values(account, [old])
    assert shown == ["token_not_found"]


def test_a_token_that_is_erased_meanwhile_is_in_the_pair(account: World) -> None:
    """Its value lives on under the new token until retiring evens that out: the pair says which it is."""
    [old] = texts(account, 1)
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    erased = list[int]()

    def erase(name: str, given: dict[str, Any]) -> None:
        if name == "dynamodb.PutItem" and given["TableName"] == "vault" and not erased:
            erased.append(1)
            assert account.erase(token=old).status == 204

    account.fault = erase
    moved = pairs(run.finish())
    account.fault = None
    assert list(moved) == [old]
    assert values(account, [old, moved[old]]) == ["token_not_found", "text 0"]


def test_a_write_that_fails_fails_the_page(account: World) -> None:
    """Nothing is named as failed that may succeed: the page is asked for again."""
    texts(account, 4)
    switch(account, SECOND)
    run = Retokenizing(account).begin()
    run.walk(revision=0)
    seen = list[int]()

    def fail(name: str, given: dict[str, Any]) -> Exception | None:
        if name == "dynamodb.PutItem" and given["TableName"] == "vault":
            seen.append(1)
            return DYNAMODB_FAULTS["throttled"] if len(seen) == 2 else None
        return None

    account.fault = fail
    with pytest.raises(StoreUnavailable):
        run.page()
    account.fault = None
    run.take(run.page())
    assert len(pairs(run.finish() if run.cursor else run.entries())) == 4


def test_an_expired_record_is_closed(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a time when the type had a limit: it opens nowhere, and gets no new token."""
    limited = {"format": "text", "default_ttl_seconds": 60}
    switch(account, naming({**policies.TYPES, "text_known": limited}))
    texts(account, 1)
    switch(account, SECOND)
    late = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: late)
    run = Retokenizing(account).begin()
    assert run.finish() == []
    assert run.total("closed") == 1


def test_a_request_that_is_sent_again_after_the_move(account: World) -> None:
    """It answers the new token: that is the value's by now. The one that it answered first opens, too."""
    asked = {"json_body": {"items": [{"type": "text_known", "value": "text 0"}]}, "idempotency_key": "k" * 22}
    old = account.tokenize(**asked).only["token"]
    switch(account, SECOND)
    [(first, new)] = pairs(Retokenizing(account).begin().finish()).items()
    assert first == old
    assert account.tokenize(**asked).only["token"] == new


def test_a_move_after_a_restore_gives_the_same_tokens(account: World) -> None:
    """The restored vault lacks the new tokens, which stand in the applications' tables by now."""
    old = texts(account, 4)
    copies = account.items("vault")
    switch(account, SECOND)
    moved = pairs(Retokenizing(account).begin().finish())
    for token in old:
        account.erase(token=token)
    for item in account.items("vault"):
        account.dynamodb.delete_item(TableName="vault", Key={name: item[name] for name in ("pk", "sk")})
    for item in copies:
        account.store(item)
    assert values(account, list(moved.values())) == ["token_not_found"] * 4
    assert pairs(Retokenizing(account, run=OTHER_RUN).begin().finish()) == moved
    assert values(account, [moved[token] for token in old]) == [f"text {n}" for n in range(4)]
