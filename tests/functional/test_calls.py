"""Which AWS calls each function makes: the same that its role may make (tests/infrastructure).

Each of them is made both ways, by the fast path and without it.
"""

from collections.abc import Iterator

import pytest

from chalicelib.formats.luhn import passes_luhn
from tests.support import call_scenarios
from tests.support.role_calls import CALLS, EXPORTING, RETOKENIZING
from tests.support.world import World, world

CARDS = [card for card in (f"40000000000{n:05}" for n in range(200)) if passes_luhn(card)]


@pytest.fixture(params=["on", "off"], ids=["fast path", "without"], autouse=True)
def fast_path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that are made from here on take the fast path, or do not."""
    monkeypatch.setenv("TOKENVAULT_FAST_PATH", request.param)


@pytest.fixture
def limited() -> Iterator[World]:
    """An account whose clients all have budgets."""
    with world(call_scenarios.with_budgets()) as account:
        yield account


def made(account: World) -> set[str]:
    """The calls since the last look, as IAM actions."""
    return {call.replace(".", ":", 1) for call in account.calls}


def test_tokenizing_calls(limited: World) -> None:
    """A container of the tokenizing function makes exactly the calls that its role allows."""
    call_scenarios.tokenizing(limited)
    assert made(limited) == CALLS["tokenize"]


def test_revealing_calls(limited: World) -> None:
    """So does one of the revealing function, which also seals records again."""
    call_scenarios.revealing(limited)
    calls = made(limited)
    call_scenarios.rewrapping(limited)
    assert calls | made(limited) == CALLS["reveal"]


def test_exporting_calls(limited: World) -> None:
    """An export lists what there is, and nothing else that the function does."""
    call_scenarios.exporting(limited)
    assert EXPORTING <= made(limited) <= CALLS["reveal"] | EXPORTING


def test_retokenizing_calls(account: World) -> None:
    """Giving values other tokens asks for MACs, and for nothing else that the function does not ask for."""
    call_scenarios.retokenizing(account)
    assert RETOKENIZING <= made(account) <= CALLS["reveal"] | RETOKENIZING


def test_maintenance_calls(account: World) -> None:
    """So does the maintenance function, also with a subject to clean up after, or a key to retire."""
    call_scenarios.maintaining(account)
    calls = made(account)
    account.calls.clear()
    call_scenarios.walking(account)
    assert calls | made(account) == CALLS["maintain"]


def test_warm_calls_are_as_few_as_can_be(account: World) -> None:
    """Warm, a value costs one write and a reveal one read and one audit write, with no call to KMS."""
    card = {"type": "card_number", "value": "4111111111111111"}
    token = account.tokenize(card).only["token"]
    account.detokenize(token)
    account.calls.clear()
    account.tokenize(card)
    assert account.calls == ["dynamodb.PutItem"]
    account.calls.clear()
    account.tokenize(*[{"type": "text", "value": "x"}] * 100)
    assert account.calls == ["dynamodb.BatchWriteItem"] * 4
    account.calls.clear()
    account.detokenize(token)
    assert account.calls == ["dynamodb.Query", "dynamodb.PutItem"]


def test_batches_ask_once_for_many(account: World) -> None:
    """100 tokens are two reads side by side and one audit write; 100 formatted values a write each."""
    texts = account.tokenize(*[{"type": "text", "value": "x"}] * 100)
    account.detokenize(texts.body["results"][0]["token"])
    account.calls.clear()
    account.detokenize(*[entry["token"] for entry in texts.body["results"]])
    assert account.calls == ["dynamodb.BatchGetItem"] * 2 + ["dynamodb.PutItem"]
    account.calls.clear()
    account.detokenize(*["text_" + "0" * 32] * 100)
    assert account.calls == ["dynamodb.Query", "dynamodb.PutItem"]
    account.calls.clear()
    account.tokenize(*[{"type": "card_number", "value": card} for card in CARDS])
    assert account.calls == ["dynamodb.PutItem"] * len(CARDS)


@pytest.mark.parametrize(
    ("kind", "macs_a_value"), [("text", 0), ("card_number", 0), ("text_known", 0), ("card_known", 1)]
)
def test_only_kms_types_cost_calls_to_kms(account: World, kind: str, macs_a_value: int) -> None:
    """Warm, any number of operations costs none, but for `kms` types, where each value costs one MAC."""
    warm = account.tokenize({"type": kind, "value": CARDS[0]})
    account.detokenize(warm.only["token"])
    account.calls.clear()
    made = account.tokenize(*[{"type": kind, "value": card} for card in CARDS])
    account.detokenize(*[entry["token"] for entry in made.body["results"]])
    for card in CARDS[:5]:
        account.detokenize(account.tokenize({"type": kind, "value": card}).only["token"])
    asked = [call for call in account.calls if call.startswith("kms.")]
    assert asked == ["kms.GenerateMac"] * macs_a_value * (len(CARDS) + 5)


def test_a_batch_of_many_subjects_asks_once_for_each(account: World) -> None:
    """A look at each subject before sealing, and one request for all of them after writing."""
    items = [{"type": "text", "value": "x", "subject": f"p{n}"} for n in range(100)]
    account.tokenize(*items)
    account.calls.clear()
    account.tokenize(*items)
    looks, after = ["dynamodb.Query"] * 100, ["dynamodb.BatchWriteItem"] * 4 + ["dynamodb.BatchGetItem"]
    assert sorted(account.calls) == sorted(looks + after)


def test_a_subject_costs_a_look(account: World) -> None:
    """Facts and search look whether the subject was erased; of what is nobody's they look at nothing more."""
    of_a_subject = {"type": "text_known", "value": "x", "subject": "p1"}
    token = account.tokenize(of_a_subject).only["token"]
    own = account.tokenize({"type": "text_known", "value": "x"}).only["token"]
    account.search(of_a_subject)
    account.calls.clear()
    on_record = ["dynamodb.PutItem"]
    for look, looks, writes in (
        (lambda: account.facts(token), ["dynamodb.BatchGetItem"], []),
        (lambda: account.facts(own), [], []),
        (lambda: account.search(of_a_subject), ["dynamodb.BatchGetItem"], on_record),
        (lambda: account.search({"type": "text_known", "value": "x"}), [], on_record),
    ):
        assert look().status == 200
        assert account.calls == ["dynamodb.Query", *looks, *writes]
        account.calls.clear()


@pytest.mark.parametrize(("kind", "macs"), [("card_known", 1), ("text_known", 0)])
def test_deterministic_calls_are_as_few_as_can_be(account: World, kind: str, macs: int) -> None:
    """A new value costs two reads and a write, a known one a read; `kms` types one MAC a distinct value."""
    account.tokenize({"type": kind, "value": "4111111111111111"})
    account.calls.clear()
    account.tokenize({"type": kind, "value": "5555555555554444"})
    looks = ["dynamodb.Query", "dynamodb.BatchGetItem"]
    assert account.calls == ["kms.GenerateMac"] * macs + looks + ["dynamodb.PutItem"]
    account.calls.clear()
    account.tokenize({"type": kind, "value": "5555555555554444"})
    assert account.calls == ["kms.GenerateMac"] * macs + ["dynamodb.Query"]
    account.calls.clear()
    account.tokenize(*[{"type": kind, "value": "5555555555554444"}] * 50)
    assert account.calls == ["kms.GenerateMac"] * macs + ["dynamodb.Query"]
    account.calls.clear()
    account.tokenize(*[{"type": kind, "value": card} for card in CARDS], idempotency_key="k" * 22)
    batch = ["kms.GenerateMac"] * macs * len(CARDS) + ["dynamodb.BatchGetItem"] * 3
    assert sorted(account.calls) == sorted([*batch, "dynamodb.PutItem"] + ["dynamodb.PutItem"] * len(CARDS))


def test_a_budget_costs_one_call_a_request(limited: World) -> None:
    """However many items a request has, for each of its budgets; what is not limited costs none, as above."""
    known = {"type": "text_known", "value": "x"}
    token = limited.tokenize(known, {"type": "text", "value": "x"}).body["results"][0]["token"]
    limited.detokenize(token)
    limited.search(known)
    for ask, calls in (
        (lambda: limited.tokenize(*[known] * 50), ["UpdateItem", "Query"]),
        (lambda: limited.tokenize({"type": "text", "value": "x"}), ["PutItem"]),
        (lambda: limited.detokenize(*[token] * 50), ["UpdateItem", "UpdateItem", "Query", "PutItem"]),
        (lambda: limited.search(*[known] * 50), ["UpdateItem", "Query", "PutItem"]),
    ):
        limited.calls.clear()
        ask()
        assert limited.calls == [f"dynamodb.{call}" for call in calls]
