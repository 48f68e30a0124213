"""What one Region does while items of another are still on their way.

An item that has not arrived yet is taken out of the table, and put back when it arrives.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib import wiring
from tests.support import policies
from tests.support.answers import codes, problem, tokens
from tests.support.values import cached, formatted, kms, opaque
from tests.support.world import World, world

KEY = "k" * 22
VALUES = [*opaque(1), *formatted(1), *kms(1), *cached(1)]
SECRET = "secret#"


def take_away(account: World, table: str, sort: str) -> list[dict[str, Any]]:
    """The items whose sort key begins like this, as if they had not arrived: they are gone from the table."""
    taken = [item for item in account.items(table) if item["sk"]["S"].startswith(sort)]
    for item in taken:
        account.dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
    return taken


def arrive(account: World, table: str, items: Sequence[dict[str, Any]]) -> None:
    """Puts them into the table, whatever stands there: by another Region's clock they are the newest."""
    for item in items:
        account.store(item, table)


def outcomes(account: World) -> list[tuple[str, bool]]:
    """Of the last event: what became of each item, and whether its token is named."""
    last = max(account.events(), key=lambda event: event["sk"]["S"])
    return [(each["M"]["outcome"]["S"], "token" in each["M"]) for each in last["outcomes"]["L"]]


def test_an_erasure_that_comes_before_its_record_holds(account: World) -> None:
    """Marker and tombstone are written for what looks like a token, and win over the record behind them."""
    made = tokens(account.tokenize(*VALUES))
    late = take_away(account, "vault", "record")
    for token in made:
        assert account.erase(token=token).status == 204
        assert outcomes(account) == [("unknown", True)], (
            "named, or nobody could close it again after a restore"
        )
    assert {item["sk"]["S"] for item in account.items("vault")} == {"record", "erased"}
    assert len(account.items("vault")) == 2 * len(made)
    assert codes(account.detokenize(*made)) == ["token_not_found"] * 4
    arrive(account, "vault", late)
    assert codes(account.detokenize(*made)) == ["token_not_found"] * 4
    assert [account.facts(token).status for token in made] == [404] * 4


def test_an_early_erasure_says_erased_when_it_is_asked_for_again(account: World) -> None:
    """From then on the vault knows the token, and the audit trail names it."""
    [token] = tokens(account.tokenize(*opaque(1)))
    take_away(account, "vault", "record")
    for _ in range(2):
        assert account.erase(token=token).status == 204
    assert outcomes(account) == [("erased", True)]


@pytest.mark.parametrize("text", ["4111111111111111", "text_x", "x", "card_number", "../.."])
def test_what_no_type_takes_for_a_token_writes_nothing(account: World, text: str) -> None:
    """It is answered as any other, and is on record as unknown."""
    assert account.erase(token=text).status == 204
    assert outcomes(account) == [("unknown", False)]
    assert account.items("vault") == []


def test_a_card_number_is_no_token_whatever_another_type_takes_it_for() -> None:
    """Sent here by mistake, it stands in no table and in no event (PCI DSS 4.0.1, 3.5.1)."""
    number = "4111111111111111"
    types = {
        "nit": {"format": "standard_number", "options": {"scheme": "co.nit"}},
        "text": {"format": "text"},
    }
    with world(policies.document(types)) as account:
        loaded = account.services["reveal"].policy.types["nit"]
        assert loaded.format.recognizes(number), "the test's own premise"
        assert account.erase(token=number).status == 204
        assert outcomes(account) == [("unknown", False)]
        assert account.items("vault") == []


def test_a_made_up_token_takes_one_place_of_its_tenant(account: World) -> None:
    """The value whose place it was takes its next one; another tenant's places are as they were."""
    [token] = tokens(account.tokenize(*kms(1)))
    take_away(account, "vault", "record")
    account.erase(token=token)
    [other] = tokens(account.tokenize(*kms(1)))
    assert other != token
    assert account.detokenize(other).only["value"] == kms(1)[0]["value"]
    assert {item["pk"]["S"].partition("#")[0] for item in account.items("vault")} == {"shop"}


def test_a_replay_does_not_undo_an_erasure_that_came_before_the_record(account: World) -> None:
    """The early tombstone has no mark of the request: it replaces the record. The retry makes no other."""
    made = tokens(account.tokenize(*VALUES, idempotency_key=KEY))
    take_away(account, "vault", "record")
    for token in made:
        account.erase(token=token)
    before = account.items("vault")
    assert codes(account.tokenize(*VALUES, idempotency_key=KEY)) == ["token_not_found"] * 4
    assert account.items("vault") == before


@pytest.mark.parametrize(
    "item", [opaque(1)[0], formatted(1)[0], kms(1)[0]], ids=["opaque", "formatted", "kms"]
)
@pytest.mark.parametrize("arrived", [True, False])
def test_a_slow_first_try_does_not_undo_an_erasure(
    account: World, item: dict[str, Any], arrived: bool
) -> None:
    """It hangs before its write. Meanwhile a retry answers, and its token is erased, perhaps where the record
    has not arrived. What then finds its place taken makes no other token."""
    held = list[str]()

    def hold(name: str, given: dict[str, Any]) -> Exception | None:
        if name == "dynamodb.PutItem" and given["TableName"] == "vault" and not held:
            account.fault = None
            held.extend(tokens(account.tokenize(item, idempotency_key=KEY)))
            if not arrived:
                take_away(account, "vault", "record")
            assert account.erase(token=held[0]).status == 204
        return None

    account.fault = hold
    for _ in range(2):
        assert codes(account.tokenize(item, idempotency_key=KEY)) == ["token_not_found"]
    assert len(held) == 1
    assert [stored["pk"]["S"] for stored in account.items("vault") if "value" in stored] == []


def test_a_second_erasure_is_not_hidden_by_the_first(account: World, clock: Any) -> None:
    """The first one was made elsewhere before the request and arrived after it: the second one stands."""
    account.restart()
    [token] = tokens(account.tokenize(*kms(1)))
    account.erase(token=token)
    early = take_away(account, "vault", "")
    clock(100)
    assert tokens(account.tokenize(*kms(1), idempotency_key=KEY)) == [token]
    arrive(account, "vault", [item for item in early if item["sk"]["S"] == "erased"])
    clock(10)
    account.erase(token=token)
    clock(10)
    assert codes(account.tokenize(*kms(1), idempotency_key=KEY)) == ["token_not_found"]


def test_a_replay_knows_its_own_token_within_one_second(account: World) -> None:
    """Made, erased, and the value taken in again by another request, all at one time: the first is gone."""
    now = float(int(wiring.time.time()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring.time, "time", lambda: now)
        [first] = tokens(account.tokenize(*kms(1), idempotency_key=KEY))
        account.erase(token=first)
        [second] = tokens(account.tokenize(*kms(1), idempotency_key="l" * 22))
        assert second != first
        assert codes(account.tokenize(*kms(1), idempotency_key=KEY)) == ["token_not_found"]
        assert tokens(account.tokenize(*kms(1), idempotency_key="l" * 22)) == [second]


def test_a_replay_finds_its_own_record_beside_a_tombstone_without_a_mark(account: World) -> None:
    """A place that another value lost since does not hide the token that the request has."""
    [token] = tokens(account.tokenize(*formatted(1), idempotency_key=KEY))
    record = account.stored(token)
    del record["origin"]
    account.store(record)  # As if another request without a key had been there first.
    [own] = tokens(account.tokenize(*formatted(1), idempotency_key=KEY))
    assert own != token
    account.erase(token=token)
    assert tokens(account.tokenize(*formatted(1), idempotency_key=KEY)) == [own]


def test_a_record_that_comes_before_its_secret_is_unavailable(account: World) -> None:
    """503 until the secret has arrived, and on record as that, not as an erasure of somebody active."""
    [token] = tokens(account.tokenize({**opaque(1)[0], "subject": "p1"}))
    late = take_away(account, "subjects", SECRET)
    problem(account.detokenize(token), 503, "store_unavailable")
    assert outcomes(account) == [("store_unavailable", True)]
    arrive(account, "subjects", late)
    assert account.detokenize(token).only["value"] == opaque(1)[0]["value"]


def test_a_record_without_its_secret_fails_alone(account: World) -> None:
    """The other tokens are answered: somebody's lost secret must not close everybody's batches."""
    [own] = tokens(account.tokenize({**opaque(1)[0], "subject": "p1"}))
    take_away(account, "subjects", SECRET)
    [other] = tokens(account.tokenize(*opaque(2)))
    answer = account.detokenize(own, other)
    assert (answer.status, codes(answer)) == (200, ["store_unavailable", None])
    assert outcomes(account) == [("store_unavailable", True), ("revealed", True)]


def test_waiting_for_a_lost_secret_costs_no_budget() -> None:
    """The client sends the request again while it is told to; the hour's reveals are for what is there."""
    with world(policies.limited("shop", "settlement", reveals_per_hour=10)) as account:
        waiting = tokens(account.tokenize(*[{**opaque(1)[0], "subject": "p1"}] * 4))
        take_away(account, "subjects", SECRET)
        for _ in range(5):
            problem(account.detokenize(*waiting), 503, "store_unavailable")
        there = tokens(account.tokenize(*opaque(1) * 10))
        assert codes(account.detokenize(*there)) == [None] * 10
        assert account.detokenize(there[0]).status == 429


def test_an_erased_subjects_secret_is_not_waited_for(account: World) -> None:
    """The marker tells: also where the secret has not arrived, or is gone already."""
    [token] = tokens(account.tokenize({**opaque(1)[0], "subject": "p1"}))
    late = take_away(account, "subjects", SECRET)
    account.erase(subject="p1")
    for _ in range(2):
        assert codes(account.detokenize(token)) == ["token_not_found"]
        assert outcomes(account) == [("erased", True)]
        arrive(account, "subjects", late)


def test_a_marker_that_comes_after_the_loss_of_the_secret_ends_the_waiting(account: World) -> None:
    """Replication keeps no order between items: unavailable first, then erased, never a value."""
    [token] = tokens(account.tokenize({**opaque(1)[0], "subject": "p1"}))
    account.erase(subject="p1")
    marker = take_away(account, "subjects", "erased")
    problem(account.detokenize(token), 503, "store_unavailable")
    arrive(account, "subjects", marker)
    assert codes(account.detokenize(token)) == ["token_not_found"]


def test_a_changed_reference_to_a_secret_is_corrupt_and_not_on_its_way(account: World) -> None:
    """Verified before anything is said of the secret: nobody is asked to try a forged record again."""
    [token] = tokens(account.tokenize({**opaque(1)[0], "subject": "p1"}))
    account.store({**account.stored(token), "subject_secret": {"S": "0" * 32}})
    assert codes(account.detokenize(token)) == ["record_corrupt"]


def test_an_expired_record_does_not_wait_for_its_secret(account: World) -> None:
    """Its time is up, whatever still arrives."""
    item = {"type": "short_lived", "value": "x", "ttl_seconds": 1, "subject": "p1"}
    [token] = tokens(account.tokenize(item))
    take_away(account, "subjects", SECRET)
    with pytest.MonkeyPatch.context() as patch:
        now = wiring.time.time() + 60
        patch.setattr(wiring.time, "time", lambda: now)
        account.restart()
        assert codes(account.detokenize(token)) == ["token_not_found"]
    assert outcomes(account) == [("expired", True)]
