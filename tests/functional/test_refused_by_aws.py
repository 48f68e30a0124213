"""Where AWS refuses for good, nothing is half done, nobody is told to try again, and the log says why."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support import policies
from tests.support.answers import codes, problem
from tests.support.faults import DYNAMODB_LASTING, DYNAMODB_PASSING, KMS_LASTING, client_error, failing
from tests.support.logs import captured_lines
from tests.support.world import Answer, Fault, World, world

CARD = {"type": "card_number", "value": "4111111111111111"}
TEXT = {"type": "text", "value": "some text"}
KNOWN = {"type": "text_known", "value": "same"}
DENIED = DYNAMODB_LASTING["denied"]
CANARY = "a-token-that-never-was"


@pytest.fixture
def guarded() -> Iterator[World]:
    """An account with a canary."""
    written = policies.document()
    written["tenants"]["shop"]["canaries"] = [CANARY]
    with world(written) as made:
        yield made


def on_table(name: str, error: Exception = DENIED) -> Fault:
    """Fails what is asked of a single table."""
    return lambda _, given: error if given.get("TableName") == name else None


def test_a_disabled_key_stops_what_needs_it_and_nothing_else(account: World) -> None:
    """As KMS itself refuses it: reveals are a 500 until somebody enables it; values are still taken in."""
    token = account.tokenize(TEXT).only["token"]
    account.restart()
    key_id = account.vault_kek.rpartition("/")[2]
    account.kms.disable_key(KeyId=key_id)
    problem(account.detokenize(token), 500, "key_refused")
    assert account.tokenize(TEXT).status == account.facts(token).status == 200
    account.kms.enable_key(KeyId=key_id)
    assert account.detokenize(token).only["value"] == TEXT["value"]


def test_a_key_that_waits_for_its_deletion_stops_what_needs_it_and_nothing_else(account: World) -> None:
    """As KMS itself refuses it; the log says what to look up, and the key that is taken back opens."""
    token = account.tokenize(TEXT).only["token"]
    account.restart()
    key_id = account.vault_kek.rpartition("/")[2]
    account.kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    with captured_lines() as lines:
        problem(account.detokenize(token), 500, "key_refused")
        [line] = [line for line in lines() if line["message"] == "request"]
    assert line["cause"] == "KMS rejected the request (KMSInvalidStateException)"
    assert (line["level"], line["Failed"]) == ("ERROR", 1)
    assert account.tokenize(TEXT).status == account.facts(token).status == 200
    account.kms.cancel_key_deletion(KeyId=key_id)
    account.kms.enable_key(KeyId=key_id)
    assert account.detokenize(token).only["value"] == TEXT["value"]


@pytest.mark.parametrize(
    "fault", [KMS_LASTING["disabled"], KMS_LASTING["pending deletion"]], ids=["off", "going"]
)
def test_no_call_of_kms_takes_such_a_key_for_one_that_comes_back(account: World, fault: Exception) -> None:
    """Refused for good, with its cause in the log and no code of AWS in the answer."""
    made = account.tokenize({**TEXT, "subject": "p1"}).only["token"]
    ways: dict[str, Callable[[], Answer]] = {
        "kms.Decrypt": lambda: account.tokenize(TEXT),
        "kms.GenerateDataKey": lambda: account.detokenize(made),
        "kms.GenerateMac": lambda: account.tokenize({"type": "card_known", "value": CARD["value"]}),
        "kms.Sign": lambda: account.erase(subject="p1"),
    }
    for call, way in ways.items():
        account.restart()
        account.fault = failing(call, fault)
        with captured_lines() as lines:
            answer = way()
            [line] = [line for line in lines() if line["message"] == "request"]
        account.fault = None
        problem(answer, 500, "key_refused")
        assert fault.response["Error"]["Code"] in line["cause"], call  # type: ignore[attr-defined]
        assert "Exception" not in str(answer.body)


def test_a_key_that_one_tenant_may_not_use_breaks_no_other(account: World) -> None:
    """A key policy may deny one tenant's encryption context: that tenant alone is refused."""
    account.restart()

    def deny_shop(name: str, given: dict[str, Any]) -> Exception | None:
        of_shop = "shop" in given.get("EncryptionContext", {}).values()
        return KMS_LASTING["denied"] if name == "kms.Decrypt" and of_shop else None

    account.fault = deny_shop
    problem(account.tokenize(TEXT), 500, "key_refused")
    made = account.tokenize(TEXT, client="intake")
    assert made.status == 200
    shown = account.detokenize(made.only["token"], client="intake", purpose="treatment")
    assert shown.only["value"] == TEXT["value"]


@pytest.mark.parametrize(
    ("fault", "code", "cause"),
    [
        (failing("kms.Decrypt", KMS_LASTING["disabled"]), "key_refused", "KMS"),
        (failing("dynamodb.GetItem", DYNAMODB_LASTING["no table"]), "store_refused", "DynamoDB"),
    ],
)
def test_the_log_has_the_cause_and_the_answer_has_not(
    account: World, fault: Fault, code: str, cause: str
) -> None:
    """What AWS answered tells of the account; an operator needs it, a caller does not."""
    token = account.tokenize(TEXT).only["token"]
    account.restart()
    account.fault = fault
    with captured_lines() as lines:
        answer = account.facts(token)
        [line] = [line for line in lines() if line["message"] == "request"]
    problem(answer, 500, code)
    assert "Retry-After" not in answer.raw.headers
    assert "retry_after" not in answer.body
    assert (line["code"], line["level"], line["Failed"]) == (code, "ERROR", 1)
    assert line["cause"].startswith(f"{cause} rejected the request (")
    assert not [word for word in ("KMS", "DynamoDB", "Exception") if word in answer.body["detail"]]


def test_nothing_is_revealed_off_record(account: World) -> None:
    """Where the trail refuses an event, or its key a chain, no value leaves, however often somebody asks."""
    token = account.tokenize(TEXT).only["token"]
    refusals = [
        (on_table("audit"), "store_refused"),
        (failing("kms.GenerateDataKey", KMS_LASTING["denied"]), "key_refused"),
    ]
    for fault, code in refusals:
        account.restart()
        account.fault = fault
        for _ in range(2):
            with captured_lines() as lines:
                answer = account.detokenize(token)
                [line] = [line for line in lines() if line["message"] == "request"]
            problem(answer, 500, code)
            assert TEXT["value"] not in str(answer.body)
            assert line["AuditFailed"] == 1
    account.fault = None
    assert account.detokenize(token).only["value"] == TEXT["value"]


def test_nothing_is_erased_off_record(account: World) -> None:
    """What could not be put on record stands, of a token and of a subject."""
    token = account.tokenize(TEXT).only["token"]
    of_p1 = account.tokenize({**TEXT, "subject": "p1"}).only["token"]
    account.fault = on_table("audit")
    problem(account.erase(token=token), 500, "store_refused")
    problem(account.erase(subject="p1"), 500, "store_refused")
    account.fault = None
    assert codes(account.detokenize(token, of_p1)) == [None, None]


@pytest.mark.parametrize(
    ("fault", "code"),
    [(on_table("subjects"), "store_refused"), (failing("kms.Sign", KMS_LASTING["denied"]), "key_refused")],
)
def test_an_erasure_that_was_refused_is_asked_for_again(account: World, fault: Fault, code: str) -> None:
    """Its receipt is had once that is mended, and tells of the same."""
    token = account.tokenize({**TEXT, "subject": "p1"}).only["token"]
    account.fault = fault
    problem(account.erase(subject="p1"), 500, code)
    account.fault = None
    receipt = account.erase(subject="p1")
    assert (receipt.status, receipt.body["receipt"]["tokens_closed"]) == (200, 1)
    assert codes(account.detokenize(token)) == ["token_not_found"]


def test_a_canary_raises_its_alarm_while_the_store_refuses(guarded: World) -> None:
    """Who asks for one is not to be missed because nothing could be answered."""
    guarded.fault = on_table("vault")
    with captured_lines() as lines:
        problem(guarded.detokenize(CANARY), 500, "store_refused")
        assert sum(line.get("CanaryRevealed", 0) for line in lines()) == 1


def test_some_of_a_batch_may_be_refused(account: World) -> None:
    """Items that were stored are answered; the others say that no retry helps, and the log says why."""
    account.fault = failing("dynamodb.PutItem", DENIED, times=2)
    with captured_lines() as lines:
        results = account.tokenize(*[CARD] * 5)
        [line] = [line for line in lines() if line["message"] == "request"]
    assert sorted(code for code in codes(results) if code) == ["store_refused"] * 2
    assert line["item_causes"] == ["DynamoDB rejected the request (AccessDeniedException)"]
    assert "AccessDenied" not in str(results.body)
    account.fault = None
    with captured_lines() as lines:
        account.tokenize(CARD)
        assert not [line for line in lines() if "item_causes" in line], "it belongs to one request"


@pytest.mark.parametrize("item", [CARD, TEXT], ids=["formatted", "opaque"])
def test_of_a_batch_that_was_not_stored_what_passes_counts(account: World, item: dict[str, Any]) -> None:
    """Some of it may be stored by a retry, so the request is a 503; then what lasts is told by item."""
    passing, lasting = DYNAMODB_PASSING["throttled"], DENIED
    errors = iter([lasting, passing] if item is CARD else [passing])
    account.fault = lambda name, _: next(errors, lasting) if name.endswith(("PutItem", "WriteItem")) else None
    problem(account.tokenize(*[item] * (2 if item is CARD else 26)), 503, "store_unavailable")
    problem(account.tokenize(*[item] * (2 if item is CARD else 26)), 500, "store_refused")


def test_duplicates_of_a_value_that_is_refused_are_refused(account: World) -> None:
    """Those that never came to write, too: their value is the one that cannot be written."""
    account.fault = failing("dynamodb.PutItem", DENIED)
    problem(account.tokenize(*[KNOWN] * 6), 500, "store_refused")


def test_a_batch_that_was_refused_half_way_is_whole_under_its_key(account: World) -> None:
    """Once it is mended, the same request gives what was stored the same tokens, and the rest its first."""
    key = "k" * 22
    refusals = iter([DENIED] * 2)
    account.fault = lambda _, given: next(refusals, None) if given.get("TableName") == "vault" else None
    before = account.tokenize(*[CARD] * 4, idempotency_key=key)
    assert codes(before).count("store_refused") == 2
    account.fault = None
    after = account.tokenize(*[CARD] * 4, idempotency_key=key)
    assert codes(after) == [None] * 4
    for first, second in zip(before.body["results"], after.body["results"], strict=True):
        assert "error" in first or first["token"] == second["token"]


def test_an_item_that_dynamodb_finds_wrong_is_refused(account: World) -> None:
    """A request that breaks DynamoDB's own rules breaks them again."""
    account.fault = failing("dynamodb.PutItem", client_error("ValidationException", 400))
    problem(account.tokenize(TEXT), 500, "store_refused")
