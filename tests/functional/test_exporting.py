"""All tokens of a tenant with their values, sealed to a recipient, and nothing but these."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.errors import ConfigurationError
from chalicelib.service import exporter
from tests.support import policies
from tests.support.answers import problem, tokens
from tests.support.export_reader import Refused
from tests.support.exports import Carried, ask, begin, begun, exported, opened, page, pem
from tests.support.receipts import verify
from tests.support.rotations import Operator
from tests.support.values import of_a_subject
from tests.support.world import World, captured_lines, world

TEXT = {"type": "text", "value": "some text"}
ANNA = {"sub": "6f2b4a1c-8d53-4c0e-9b7a-2e91d05c7a44", "username": "anna"}
CARD = {"type": "card_number", "value": "4111111111111111"}


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with world(policies.exporting()) as made:
        yield made


@pytest.fixture
def account(shared: World) -> World:
    """An account with nothing of an earlier test in it."""
    for table in ("audit", "budgets", "subjects", "vault"):
        for item in shared.items(table):
            shared.dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
    deploy(shared, policies.exporting())
    return shared


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of at most four tokens, so that an export of a few takes several."""
    monkeypatch.setattr(exporter, "PAGE", 4)
    monkeypatch.setattr(exporter, "SCANS", 4)


def texts(account: World, count: int, **options: Any) -> list[str]:
    return tokens(account.tokenize(*({**TEXT, "value": f"text {n}"} for n in range(count)), **options))


def events(account: World, action: str) -> list[dict[str, Any]]:
    found = [item for item in account.events() if item["action"]["S"] == action]
    return sorted(found, key=lambda item: item["sk"]["S"])


def outcomes(event: dict[str, Any]) -> list[tuple[str | None, str]]:
    """The token and what became of it."""
    found = [outcome["M"] for outcome in event["outcomes"]["L"]]
    return [(each.get("token", {}).get("S"), each["outcome"]["S"]) for each in found]


def deploy(account: World, written: dict[str, Any]) -> None:
    account.put_policy(written)
    account.restart()


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
    deploy(account, policies.exporting(policies.document(types)))
    _, text = tokens(account.tokenize({"type": "cvc", "value": "123"}, TEXT))
    problem(begin(account, {"types": ["cvc"]}), 400, "invalid_request")
    assert set(exported(account)) == {text}
    # Nor if the policy has given their type another format since.
    deploy(account, policies.exporting(policies.document(types | {"cvc": {"format": "text"}})))
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


def test_every_token_is_on_record(account: World, small_pages: None) -> None:
    """With the export, the recipient and the purpose; so is its beginning."""
    made = texts(account, 9)
    carried = begun(account)
    carried.finish()
    seen = [entry for event in events(account, "export") for entry in outcomes(event)]
    assert sorted(seen) == sorted((token, "revealed") for token in made)
    [beginning] = events(account, "export.begin")
    claims = verify(account, carried.opening)
    for event in (beginning, *events(account, "export")):
        assert event["export"]["S"] == claims["export_id"]
        assert event["recipient"]["S"] == claims["recipient_sha256"]
        assert event["purpose"]["S"] == "moving"


def test_a_canary_raises_its_alarm(account: World) -> None:
    """It is given like any other token, and stands in the event."""
    canary, other = texts(account, 2)
    written = policies.exporting()
    written["tenants"]["shop"]["canaries"] = [canary]
    deploy(account, written)
    with captured_lines() as lines:
        assert set(exported(account)) == {canary, other}
        assert sum(line.get("CanaryRevealed", 0) for line in lines()) == 1
    [named] = [event for event in events(account, "export") if "canaries" in event]
    assert [entry["S"] for entry in named["canaries"]["L"]] == [canary]


def test_a_budget_of_reveals_holds(account: World, small_pages: None) -> None:
    """A page that is more than the hour has left is refused, on record, and may be asked for again later."""
    texts(account, 9)
    written = policies.exporting()
    written["tenants"]["shop"]["clients"]["mover"]["reveals_per_hour"] = 5
    deploy(account, written)
    carried = begun(account)
    answers = []
    while not answers or answers[-1].status == 200:
        answers.append(carried.step())
    problem(answers[-1], 429, "budget_exceeded")
    assert events(account, "export")[-1]["refusal"]["S"] == "budget_exceeded"
    deploy(account, policies.exporting())
    assert len(opened(account, carried.finish())) == 9


def test_tokens_made_meanwhile_take_nothing_away(account: World, small_pages: None) -> None:
    """What lived from beginning to end is in it, whatever is made and erased on the way."""
    lived = texts(account, 12)
    carried = begun(account)
    while carried.cursor is not None:
        assert carried.step().status == 200
        [made, _] = texts(account, 2)
        account.erase(token=made)
    assert set(lived) <= {entry["token"] for entry in opened(account, carried.lines)}


def test_what_came_in_later_is_not_in_it(account: World, small_pages: None, clock: Any) -> None:
    """A cursor that is sent again days later shows nothing of what was made since: nobody approved that."""
    account.restart()
    made = texts(account, 9)
    carried = begun(account)
    first = str(carried.cursor)
    clock(exporter.FALLIBLE_SECONDS - 10)
    account.restart()
    meanwhile = texts(account, 9)
    clock(11)
    later = texts(account, 9)
    found = {entry["token"] for entry in opened(account, carried.finish())}
    assert found == {*made, *meanwhile}
    clock(24 * 3600)
    again = Carried(account, carried.opening, first, carried.lines[:1])
    found = {entry["token"] for entry in opened(account, again.finish())}
    assert found == {*made, *meanwhile}
    assert not found & set(later)


def test_the_tokenizing_function_takes_no_access_token_that_exports(account: World) -> None:
    """Who took that function over could replay it against the other one."""
    problem(account.tokenize(TEXT, scopes=("tokenize", "export")), 403, "not_permitted")


def test_a_page_that_is_asked_for_again(account: World, small_pages: None) -> None:
    """A client that lost an answer goes on with another copy of the page; either way the file is whole."""
    made = texts(account, 9)
    carried = begun(account)
    cursor = str(carried.cursor)
    lost = page(account, carried.opening, cursor)
    again = page(account, carried.opening, cursor)
    assert lost.body["sealed"] != again.body["sealed"]
    carried.take(again.body)
    assert {entry["token"] for entry in opened(account, carried.finish())} == set(made)


def test_pages_of_two_ways_do_not_mix(account: World, small_pages: None) -> None:
    """A page before which another one was given fits into no file, and no receipt is true of the mixture."""
    texts(account, 12)
    mine, yours = begun(account), begun(account)
    whole, other = mine.finish(), yours.finish()
    opened(account, whole)
    for mixed in (
        [whole[0], other[1], *whole[2:]],
        [*whole[:-1], other[-1]],
        [other[0], *whole[1:]],
        [*whole[:2], *whole[3:]],
        whole[:-1],
        [*whole[:-2], whole[-1]],
        [whole[0], whole[2], whole[1], *whole[3:]],
    ):
        with pytest.raises(Refused):
            opened(account, mixed)


def payload_of(cursor: str) -> Any:
    """What a cursor says in the clear."""
    return json.loads(base64.urlsafe_b64decode(cursor.partition(".")[0] + "=="))


def test_a_cursor_of_another_export_is_refused(account: World, small_pages: None) -> None:
    """Neither a cursor nor an opening is good with another one's, and none can be made up or changed."""
    texts(account, 9)
    mine, yours = begun(account), begun(account, {"types": ["text"]})
    problem(page(account, mine.opening, str(yours.cursor)), 400, "invalid_request")
    problem(page(account, yours.opening, str(mine.cursor)), 400, "invalid_request")
    payload, _, signature = str(mine.cursor).partition(".")
    claims = payload_of(payload)
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"segment": 15}).encode()).rstrip(b"=").decode()
    for text in (f"{forged}.{signature}", payload, f"{payload}.", f"{payload}.AAAA", "é", "."):
        problem(page(account, mine.opening, text), 400, "invalid_request")


def test_what_nobody_but_the_recipient_opens(account: World) -> None:
    """Another key opens nothing of it."""
    texts(account, 1)
    lines = begun(account).finish()
    with pytest.raises(Refused, match="another key"):
        opened(account, lines, ec.generate_private_key(ec.SECP256R1()))


def test_who_may_not(account: World) -> None:
    """Neither without the scope, nor for another purpose, nor with a type that the client may not use."""
    problem(begin(account, client="settlement"), 403, "not_permitted")
    problem(begin(account, scopes=("detokenize",)), 403, "not_permitted")
    problem(begin(account, {"purpose": "settlement"}), 403, "not_permitted")
    written = policies.exporting()
    written["tenants"]["shop"]["clients"]["mover"]["types"] = ["text"]
    deploy(account, written)
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
    deploy(account, written)
    problem(carried.step(**options), 403, "not_permitted")
    assert events(account, "export")[-1]["refusal"]["S"] == "not_permitted"
    deploy(account, policies.exporting())
    assert carried.step().status == 200


def test_an_export_has_its_time(account: World, small_pages: None, clock: Any) -> None:
    """After a week it is begun anew."""
    account.restart()
    texts(account, 9)
    carried = begun(account)
    clock(exporter.VALID_SECONDS - 60)
    assert carried.step().status == 200
    clock(61)
    problem(carried.step(), 400, "invalid_request")


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
    deploy(account, policies.document())
    problem(begin(account, client="settlement"), 404, "not_found")
    problem(ask(account, client="settlement"), 404, "not_found")


def test_numbers_keep_all_their_digits(account: World) -> None:
    """A JSON value comes out as it went in, whatever a reader's floats can hold."""
    document = '{"price":1.10,"id":12345678901234567890123,"small":1E-400}'
    deploy(account, policies.exporting(policies.document({"doc": {"format": "json"}})))
    body = f'{{"items": [{{"type": "doc", "value": {document}}}]}}'.encode()
    [token] = tokens(account.tokenize(body=body))
    lines = begun(account).finish()
    [entry] = opened(account, lines)
    assert entry["token"] == token
    assert entry["value"] == {"price": "1.1", "id": 12345678901234567890123, "small": "1E-400"}


def test_a_card_is_whole_and_its_fields_are_on_record(account: World) -> None:
    """As a full reveal of it is."""
    value = {"number": "4111111111111111", "expiry": "12/30", "holder": "A. Turing"}
    deploy(account, policies.exporting(policies.document({"card": {"format": "card"}})))
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
    deploy(account, policies.exporting(policies.document(types)))
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
    deploy(account, policies.exporting(policies.document(types)))
    problem(begin(account), 400, "invalid_request")
    carried = begun(account, {"types": sorted(types)[:40]})
    assert len(verify(account, carried.opening)["types"]) == 40
    assert opened(account, carried.finish()) == []


def test_a_person_exports_what_a_group_may(account: World) -> None:
    """By the path for people; within the person's own budget, and of the group's types alone."""
    group = {"actions": ["export"], "types": ["text"], "purposes": ["refund"], "reveals_per_hour": 1}
    deploy(account, policies.with_people(movers=group))
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
    problem(begun(account, asked, **signed_in).step(**signed_in), 429, "budget_exceeded")
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
