"""The values of a type get their tokens under another PRF key, and the recipient alone learns which."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.errors import StoreUnavailable
from tests.functional.retokenizing.moving import SECOND, TYPES, texts, values
from tests.support import policies
from tests.support.answers import tokens
from tests.support.export_reader import Refused, read
from tests.support.exports import receipt_key
from tests.support.faults import DYNAMODB_FAULTS
from tests.support.logs import captured_lines
from tests.support.receipts import verify
from tests.support.retokenizing import RUN, Retokenizing, naming, pairs, switch
from tests.support.world import World


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


def test_tokens_of_two_keys_ago_move_in_one_go(account: World) -> None:
    """A value with tokens under two keys gets one new token, and a pair for each old one."""
    first = texts(account, 2)
    switch(account, SECOND)
    [second] = texts(account, 1)
    switch(account, naming(text_known=3))
    moved = pairs(Retokenizing(account).begin().finish())
    assert set(moved) == {*first, second}
    assert moved[first[0]] == moved[second] != moved[first[1]]
