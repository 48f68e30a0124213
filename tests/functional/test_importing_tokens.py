"""Values that have a token from elsewhere are stored under it, and nothing else is ever stored there."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from chalicelib.vault.token_items import EXPIRY_QUEUE, IMPORTED
from tests.support import policies
from tests.support.answers import codes, problem, tokens
from tests.support.faults import client_error
from tests.support.world import World, world

CARD = "4111111111111111"
KEY = "k" * 22
NUMBERS = count()


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    """One account for all tests here; each has tokens of its own."""
    with world(policies.importing()) as made:
        yield made


@pytest.fixture
def account(shared: World) -> Iterator[World]:
    yield shared
    shared.fault = None


def item(token: str, value: str = CARD, **more: Any) -> dict[str, Any]:
    """A card with its own token."""
    return {"type": "card_number", "value": value, "token": token, **more}


def text(token: str, value: str = "a text", **more: Any) -> dict[str, Any]:
    return {"type": "text", "value": value, "token": token, **more}


def value_of(account: World, token: str) -> Any:
    """The value under a token, or the error's code."""
    entry = account.detokenize(token).only
    return entry.get("value", entry.get("error", {}).get("code"))


def last_event(account: World) -> dict[str, Any]:
    events = [event for event in account.events() if event["action"]["S"] == "import"]
    return max(events, key=lambda event: event["sk"]["S"])


def outcomes(event: dict[str, Any]) -> list[dict[str, str]]:
    return [{name: text["S"] for name, text in each["M"].items()} for each in event["outcomes"]["L"]]


def test_a_value_is_kept_under_its_own_token(account: World) -> None:
    """It opens, masks and has facts like any other; the facts tell where its token is from."""
    answer = account.import_tokens(item("old_roundtr1", metadata={"order": "7"}))
    assert tokens(answer) == ["old_roundtr1"]
    assert value_of(account, "old_roundtr1") == CARD
    assert account.masked("old_roundtr1").only["value"] == "************1111"
    facts = account.facts("old_roundtr1").body
    assert (facts["imported"], facts["created_by"], facts["metadata"]) == (True, "migration", {"order": "7"})
    made = account.tokenize({"type": "text", "value": "x"}).only["token"]
    assert account.facts(made).body["imported"] is False


def test_what_says_that_it_was_imported_is_signed(account: World) -> None:
    """Taken away or added by somebody who can write to the table, the record is corrupt."""
    account.import_tokens(item("old_signed01"))
    stored = account.stored("old_signed01")
    del stored[IMPORTED]
    account.store(stored)
    assert value_of(account, "old_signed01") == "record_corrupt"


def test_an_import_is_on_record_before_it_is_done(account: World) -> None:
    """Client, tokens and types; of what was refused no text. Without a trail nothing is stored."""
    account.import_tokens(item("old_audited1"), item(CARD), item("old_audited1", "5105105105105100"))
    event = last_event(account)
    assert event["client"]["S"] == "migration"
    assert outcomes(event) == [
        {"outcome": "importing", "token": "old_audited1", "type": "card_number"},
        {"outcome": "invalid_value"},
        {"outcome": "token_taken", "token": "old_audited1", "type": "card_number"},
    ]
    down = client_error("InternalServerError", 500)
    account.fault = lambda name, given: down if given.get("TableName") == "audit" else None
    assert account.import_tokens(item("old_audited2")).status == 503
    account.fault = None
    assert value_of(account, "old_audited2") == "token_not_found"


def test_a_taken_token_is_never_overwritten(account: World) -> None:
    """Neither an imported one nor one of our own, in the same batch or later; and it is not said whose."""
    own = account.tokenize({"type": "card_number", "value": CARD}).only["token"]
    taken = account.import_tokens(item("old_overwrit"), item("old_overwrit", "5105105105105100"), item(own))
    assert codes(taken) == [None, "token_taken", "token_taken"]
    again = account.import_tokens(item("old_overwrit", "5105105105105100"), text("old_overwrit"))
    assert codes(again) == ["token_taken"] * 2
    details = {entry["error"]["detail"] for entry in again.body["results"]}
    assert details == {"token: taken; nothing is stored under it a second time"}
    assert (value_of(account, "old_overwrit"), value_of(account, own)) == (CARD, CARD)


def test_another_tenant_has_a_place_of_its_own(account: World) -> None:
    """The same token of two tenants stands for two values, and neither is told of the other."""
    account.import_tokens(text("old_tenants1", "the shop's"))
    theirs = account.import_tokens(text("old_tenants1", "the clinic's"), client="clinic_migration")
    assert codes(theirs) == [None]
    assert value_of(account, "old_tenants1") == "the shop's"
    shown = account.detokenize("old_tenants1", client="intake", purpose="treatment")
    assert shown.only["value"] == "the clinic's"


def test_sent_again_under_its_key_it_is_answered_the_same(account: World) -> None:
    """Also where nothing of it is new; another body under the key is a conflict."""
    items = [item("old_again001"), text("old_again002"), text("old_again002", "another")]
    first = account.import_tokens(*items, idempotency_key=KEY)
    assert codes(first) == [None, None, "token_taken"]
    assert account.import_tokens(*items, idempotency_key=KEY).body == first.body
    assert codes(account.import_tokens(*items)) == ["token_taken"] * 3
    problem(account.import_tokens(items[0], idempotency_key=KEY), 409, "idempotency_conflict")


def test_an_erased_token_stays_erased(account: World) -> None:
    """Imported again, it is taken; sent again under its key, the first import finds it gone."""
    again = text("old_erased01")
    account.import_tokens(again, idempotency_key="e" * 22)
    assert account.erase(token="old_erased01").status == 204
    assert codes(account.import_tokens(again, idempotency_key="e" * 22)) == ["token_not_found"]
    assert codes(account.import_tokens(again)) == ["token_taken"]
    assert value_of(account, "old_erased01") == "token_not_found"


def test_a_token_that_was_erased_before_it_came_stays_closed(account: World) -> None:
    """Its pattern tells it; text that is no token of ours leaves nothing behind."""
    for unknown in ("old_notyet01", "nothing-of-ours", "9999999999999995"):
        assert account.erase(token=unknown).status == 204
    assert codes(account.import_tokens(text("old_notyet01"))) == ["token_taken"]
    stored = {each["pk"]["S"] for each in account.items("vault")}
    assert stored.isdisjoint({"shop#nothing-of-ours", "shop#9999999999999995"})


def test_a_marker_alone_closes_a_place(account: World) -> None:
    """A write would go through beside it, and would never open: so it is not made."""
    account.store({"pk": {"S": "shop#old_marker01"}, "sk": {"S": "erased"}, "at": {"N": "1"}})
    assert codes(account.import_tokens(text("old_marker01"))) == ["token_taken"]


def test_a_subject_and_its_imported_tokens_go_together(account: World) -> None:
    """Listed, closed by its erasure, refused from then on, cleaned up; a replay does not bring them back."""
    items = [item("old_subject1", subject="imp-1"), text("old_subject2", subject="imp-1")]
    account.import_tokens(*items, idempotency_key="s" * 22)
    listed = {entry["token"] for entry in account.subject("imp-1").body["tokens"]}
    assert listed == {"old_subject1", "old_subject2"}
    assert account.erase(subject="imp-1").body["receipt"]["tokens_closed"] == 2
    assert codes(account.import_tokens(*items, idempotency_key="s" * 22)) == ["subject_erased"] * 2
    assert value_of(account, "old_subject1") == "token_not_found"
    account.settle()
    account.maintain()
    assert codes(account.import_tokens(*items, idempotency_key="s" * 22)) == ["token_not_found"] * 2
    assert codes(account.import_tokens(item("old_subject3", subject="imp-1"))) == ["subject_erased"]


def test_an_expired_token_keeps_its_place(account: World, clock: Any) -> None:
    """Also where the type's own tokens are opaque, whose places DynamoDB frees: this one may come again."""
    account.restart()
    account.import_tokens({**text("old_expired1", ttl_seconds=60), "type": "short_lived"})
    stored = account.stored("old_expired1")
    assert "ttl" not in stored
    assert EXPIRY_QUEUE in stored
    clock(200)
    assert value_of(account, "old_expired1") == "token_not_found"
    account.maintain()
    assert codes(account.import_tokens(text("old_expired1"))) == ["token_taken"]


def test_one_token_with_two_values_at_once_keeps_one(account: World) -> None:
    """One import wins and is told so; the other is told that the token is taken."""
    values = [f"value {n}" for n in range(8)]
    with ThreadPoolExecutor(len(values)) as pool:
        answers = list(pool.map(lambda value: account.import_tokens(text("old_threads1", value)), values))
    won = [value for value, answer in zip(values, answers, strict=True) if codes(answer) == [None]]
    assert len(won) == 1
    assert sorted(str(codes(answer)[0]) for answer in answers) == ["None"] + ["token_taken"] * 7
    assert value_of(account, "old_threads1") == won[0]


def test_who_imports_can_do_nothing_else_and_nobody_else_can(account: World) -> None:
    """The policy decides, whatever scopes an access token has; a refusal is on record."""
    everything = ("import", "tokenize", "read", "search")
    problem(
        account.import_tokens(item("old_nobody01"), client="checkout", scopes=everything),
        403,
        "not_permitted",
    )
    assert last_event(account)["refusal"]["S"] == "not_permitted"
    problem(account.import_tokens(item("old_nobody01"), scopes=("read",)), 403, "not_permitted")
    problem(
        account.import_tokens(item("old_nobody01"), scopes=("import", "detokenize")), 403, "not_permitted"
    )
    problem(account.tokenize(item("x"), client="migration", scopes=everything), 403, "not_permitted")
    revealing = ("import", "detokenize", "detokenize.masked")
    shown = account.detokenize("old_roundtr1", client="migration", purpose="settlement", scopes=revealing)
    problem(shown, 403, "not_permitted")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"token": ""}, "invalid_value"),
        ({"token": "old_" + "a" * 300}, "invalid_value"),
        ({"token": ["old_abcdefgh"]}, "invalid_value"),
        ({"token": "old_abc/efgh"}, "invalid_value"),
        ({"type": "card_known"}, "invalid_value"),
        ({"type": "none_such"}, "unknown_type"),
        ({"value": "4111111111111112"}, "invalid_value"),
        ({"value": "old_abcdefgh"}, "invalid_value"),
        ({"ttl_seconds": 0}, "invalid_value"),
        ({"subject": CARD}, "invalid_value"),
        ({"extra": 1}, "invalid_value"),
    ],
)
def test_a_bad_item_fails_alone(account: World, wrong: dict[str, Any], code: str) -> None:
    """The others are stored, and the error quotes nothing."""
    good = f"old_{next(NUMBERS):08}"
    answer = account.import_tokens({**item("old_wrong001"), **wrong}, item(good))
    assert codes(answer) == [code, None]
    assert "old_abc" not in answer.body["results"][0]["error"]["detail"]


def test_a_write_that_failed_is_told_and_can_be_sent_again(account: World) -> None:
    """Whole or in part: what was stored is not lost, and under the key it is found."""
    items = [text("old_failing1"), text("old_failing2")]
    down = client_error("InternalServerError", 500)

    def failing(name: str, given: dict[str, Any]) -> Exception | None:
        written = name == "dynamodb.PutItem" and given["TableName"] == "vault"
        return down if written and given["Item"]["pk"]["S"].endswith("old_failing2") else None

    account.fault = failing
    assert codes(account.import_tokens(*items, idempotency_key="f" * 22)) == [None, "store_unavailable"]
    account.fault = None
    assert codes(account.import_tokens(*items, idempotency_key="f" * 22)) == [None, None]
    assert [value_of(account, each["token"]) for each in items] == ["a text"] * 2
