"""What is in an export: all living tokens of a tenant with their values, and nothing but these."""

import base64
import json
from typing import Any

from tests.support import policies
from tests.support.answers import problem, tokens
from tests.support.exports import (
    CARD,
    TEXT,
    begin,
    begun,
    events,
    exported,
    opened,
    outcomes,
    page,
    payload_of,
    texts,
)
from tests.support.receipts import verify
from tests.support.rotations import Operator
from tests.support.values import of_a_subject
from tests.support.world import World


def test_every_living_token_with_its_value_and_its_facts(account: World, small_pages: None) -> None:
    """Random and deterministic, of a subject and of nobody, with metadata and a time limit."""
    items = [
        *of_a_subject(1),
        CARD,
        {**TEXT, "metadata": {"order": "7"}, "ttl_seconds": 86400},
        *([TEXT] * 20),
    ]
    made = tokens(account.tokenize(*items))
    entries = exported(account)
    assert {token: entry["value"] for token, entry in entries.items()} == {
        token: item["value"] for token, item in zip(made, items, strict=True)
    }
    of_subject = entries[made[0]]
    assert (of_subject["subject"], of_subject["created_by"]) == (items[0]["subject"], "checkout")
    limited = entries[made[items.index(CARD) + 1]]
    assert limited["metadata"] == {"order": "7"}
    assert limited["expires_at"] == account.facts(limited["token"]).body["expires_at"]


def test_one_type_alone(account: World) -> None:
    """What is asked for is what is given, and the opening and the receipt say so."""
    [card, _] = tokens(account.tokenize(CARD, TEXT))
    carried = begun(account, {"types": ["card_number"]})
    assert [entry["token"] for entry in opened(account, carried.finish())] == [card]
    opening = verify(account, carried.opening)
    receipt = verify(account, json.loads(carried.lines[-1])["receipt"])
    assert opening["types"] == receipt["types"] == ["card_number"]
    assert (receipt["tokens"], receipt["failed"], receipt["purpose"]) == (1, 0, "moving")
    assert opening["asked_by"] == {"client": "mover", "user_sub": None, "username": None}


def test_an_empty_vault(account: World) -> None:
    """A file with no token is a file, and its receipt says that there was none."""
    lines = begun(account).finish()
    assert opened(account, lines) == []
    assert verify(account, json.loads(lines[-1])["receipt"])["tokens"] == 0


def test_another_tenants_tokens_are_not_in_it(account: World) -> None:
    """Nor are they in what the client carries: the place in the table is sealed to the vault."""
    ours = texts(account, 3)
    theirs = [token for _ in range(4) for token in texts(account, 40, client="intake")]
    carried = begun(account)
    seen = carried.cursor or ""
    while carried.cursor is not None:
        assert carried.step().status == 200
        seen += carried.cursor or ""
    assert {entry["token"] for entry in opened(account, carried.lines)} == set(ours)
    payloads = [base64.urlsafe_b64decode(part + "==") for part in seen.split(".") if part]
    assert not any(token.encode() in payload for token in theirs for payload in payloads)
    assert set(exported(account, client="clinic_mover")) == set(theirs)


def test_erased_and_expired_are_left_out(account: World, clock: Any) -> None:
    """A token, a subject and a time limit; the tokens beside them are there."""
    account.restart()
    erased, expired, staying = tokens(account.tokenize(TEXT, {**TEXT, "ttl_seconds": 60}, TEXT))
    tokens(account.tokenize(*of_a_subject(1)))
    assert account.erase(token=erased).status == 204
    assert account.erase(subject=of_a_subject(1)[0]["subject"]).status == 200
    clock(61)
    assert set(exported(account)) == {staying}
    assert expired not in exported(account)


def test_values_that_may_not_be_kept_are_never_exported(account: World) -> None:
    """Card verification codes: asked for they are refused, and all types are all but these."""
    types = {
        "cvc": {"format": "card_verification_code", "default_ttl_seconds": 600},
        "text": {"format": "text"},
    }
    account.deploy(policies.exporting(policies.document(types)))
    _, text = tokens(account.tokenize({"type": "cvc", "value": "123"}, TEXT))
    problem(begin(account, {"types": ["cvc"]}), 400, "invalid_request")
    assert set(exported(account)) == {text}
    # Nor if the policy has given their type another format since.
    account.deploy(policies.exporting(policies.document(types | {"cvc": {"format": "text"}})))
    assert set(exported(account)) == {text}


def test_what_does_not_open_is_named_and_counted(account: World) -> None:
    """A changed record is neither left out in silence nor a reason to give nothing."""
    changed, unreadable, staying = texts(account, 3)
    item = account.stored(changed)
    account.store(item | {"created": {"N": "1"}})
    account.store({name: value for name, value in account.stored(unreadable).items() if name != "type"})
    carried = begun(account)
    entries = {entry["token"]: entry for entry in opened(account, carried.finish())}
    assert entries[changed] == {"token": changed, "error": "record_corrupt"}
    assert entries[unreadable] == {"token": unreadable, "error": "record_corrupt"}
    assert entries[staying]["value"] == "text 2"
    receipt = verify(account, json.loads(carried.lines[-1])["receipt"])
    assert (receipt["tokens"], receipt["failed"]) == (1, 2)


def test_a_secret_that_has_not_arrived(account: World) -> None:
    """From the other Region: its tokens are named, as failed, and asked for again they are there."""
    items = of_a_subject(1)
    made = tokens(account.tokenize(*items))
    secrets = [item for item in account.items("subjects") if item["sk"]["S"].startswith("secret#")]
    for item in secrets:
        account.dynamodb.delete_item(TableName="subjects", Key={name: item[name] for name in ("pk", "sk")})
    assert secrets
    assert [entry["error"] for entry in exported(account).values()] == ["store_unavailable"] * len(made)
    for item in secrets:
        account.store(item, "subjects")
    assert {entry["value"] for entry in exported(account).values()} == {item["value"] for item in items}


def test_numbers_keep_all_their_digits(account: World) -> None:
    """A JSON value comes out as it went in, whatever a reader's floats can hold."""
    document = '{"price":1.10,"id":12345678901234567890123,"small":1E-400}'
    account.deploy(policies.exporting(policies.document({"doc": {"format": "json"}})))
    body = f'{{"items": [{{"type": "doc", "value": {document}}}]}}'.encode()
    [token] = tokens(account.tokenize(body=body))
    lines = begun(account).finish()
    [entry] = opened(account, lines)
    assert entry["token"] == token
    assert entry["value"] == {"price": "1.1", "id": 12345678901234567890123, "small": "1E-400"}


def test_a_card_is_whole_and_its_fields_are_on_record(account: World) -> None:
    """As a full reveal of it is."""
    value = {"number": "4111111111111111", "expiry": "12/30", "holder": "A. Turing"}
    account.deploy(policies.exporting(policies.document({"card": {"format": "card"}})))
    [token] = tokens(account.tokenize({"type": "card", "value": value}))
    shown = account.detokenize(token).only["value"]
    assert exported(account)[token]["value"] == shown
    [revealed] = [event for event in events(account, "export") if outcomes(event)]
    [outcome] = revealed["outcomes"]["L"]
    assert {name["S"] for name in outcome["M"]["fields"]["L"]} == {"number", "expiry", "holder"}


def test_a_type_whose_format_changed_since(account: World) -> None:
    """A value that is none of its type any more is failed, as it is of a reveal, and none of it is given."""
    [token] = tokens(account.tokenize(TEXT))
    types = {**policies.TYPES, "text": {"format": "json"}}
    account.deploy(policies.exporting(policies.document(types)))
    assert exported(account) == {token: {"token": token, "error": "record_corrupt"}}


def test_a_rotation_on_the_way(account: World, small_pages: None) -> None:
    """Records that are sealed again meanwhile are in it, once; only a retired key ends the export."""
    made = texts(account, 80)
    operator = Operator(account)
    carried = begun(account)
    while (sealed_to := payload_of(str(carried.cursor))["key"]) is None:
        assert carried.step().status == 200
    cursor = str(carried.cursor)
    operator.rotate()
    operator.walk(moves=True)
    assert {entry["token"] for entry in opened(account, carried.finish())} == set(made)
    operator.settle()
    operator.walk(moves=False)
    operator.ask("retire", key=sealed_to)
    account.restart()
    problem(page(account, carried.opening, cursor), 400, "invalid_request")


def test_as_many_types_as_are_signed(account: World) -> None:
    """KMS signs four kilobytes; who has more types exports some at a time, and is told so."""
    types = {f"type_with_a_rather_long_name_{n:03}": {"format": "text"} for n in range(120)}
    account.deploy(policies.exporting(policies.document(types)))
    problem(begin(account), 400, "invalid_request")
    carried = begun(account, {"types": sorted(types)[:40]})
    assert len(verify(account, carried.opening)["types"]) == 40
    assert opened(account, carried.finish()) == []
