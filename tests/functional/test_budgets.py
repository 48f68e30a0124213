"""A budget is never exceeded, by many callers at once either, and what is over it is refused whole."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.caller import Caller, User
from chalicelib.errors import BudgetExceeded, ConfigurationError
from chalicelib.model import BudgetKind
from chalicelib.service.budgets import Budgets
from chalicelib.vault.budgets import Spending
from tests.support import policies
from tests.support.answers import problem
from tests.support.faults import DYNAMODB_FAULTS, answered
from tests.support.logs import captured_lines
from tests.support.world import Answer, World, world

TEXT = {"type": "text", "value": "x"}
KNOWN = {"type": "text_known", "value": "x"}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An account where settlement may reveal ten times an hour, and so on; it is half past."""
    clock = wiring.time.time
    to_half_past = 1800 - clock() % 3600
    monkeypatch.setattr(wiring.time, "time", lambda: clock() + to_half_past)
    written = policies.limited("shop", "settlement", reveals_per_hour=10)
    clients = written["tenants"]["shop"]["clients"]
    clients["support"] |= {"reveals_per_hour": 3}
    clients["privacy"] |= {"searches_per_hour": 5}
    clients["checkout"] |= {"deterministic_tokens_per_hour": 4}
    with world(written) as made:
        yield made


def spent(account: World) -> dict[str, int]:
    """What stands in the table, by client and kind."""
    return {
        f"{item['pk']['S']} {item['sk']['S'].split('#')[1]}": int(item["spent"]["N"])
        for item in account.items("budgets")
    }


def over(answer: Answer) -> None:
    problem(answer, 429, "budget_exceeded")
    assert 1 <= answer.body["retry_after"] <= 3600
    assert answer.raw.headers["Retry-After"] == str(answer.body["retry_after"])


def never(answer: Answer) -> None:
    """Refused for good: nobody is told to come back for what no hour has."""
    problem(answer, 429, "budget_exceeded")
    assert "retry_after" not in answer.body
    assert "Retry-After" not in answer.raw.headers
    assert "whole hour" in answer.body["detail"]
    assert "send fewer items" in answer.body["detail"]


def last_event(account: World) -> dict[str, Any]:
    events = account.events()
    return max(events, key=lambda item: item["sk"]["S"])


def test_reveals_up_to_the_limit(account: World) -> None:
    """Each item counts; a batch that would exceed is refused whole, and a smaller one still goes."""
    token = account.tokenize(TEXT).only["token"]
    assert account.detokenize(*[token] * 8).status == 200
    over(account.detokenize(*[token] * 3))
    assert last_event(account)["refusal"]["S"] == "budget_exceeded"
    assert last_event(account)["outcomes"] == {"L": []}
    assert account.detokenize(token, token).status == 200
    over(account.detokenize(token))
    assert spent(account) == {"shop#settlement reveals": 10}


def test_more_than_the_whole_budget_is_refused_without_counting(account: World) -> None:
    """Also as the first request of an hour, and no time is told: waiting would never help."""
    refused = account.detokenize(*["text_unknown"] * 11)
    never(refused)
    assert refused.body["detail"].startswith("this is more at once than the client's reveals of a whole hour")
    assert "this Region has 10:" in refused.body["detail"]
    assert last_event(account)["refusal"]["S"] == "budget_exceeded"
    assert spent(account) == {}


def test_guesses_that_no_hour_covers_are_refused_for_good(account: World) -> None:
    """Searches and deterministic tokens as reveals are; what fits still goes."""
    never(account.search(*[KNOWN] * 6))
    never(account.tokenize(TEXT, *[KNOWN] * 5))
    assert spent(account) == {}
    assert account.search(*[KNOWN] * 5).status == 200
    assert account.tokenize(TEXT, *[KNOWN] * 4).status == 200


def test_masks_and_misses_count(account: World) -> None:
    """Asking often gains nothing: not for masks, and not for tokens that do not exist."""
    token = account.tokenize(TEXT).only["token"]
    assert account.masked(token, "text_unknown").status == 200
    assert account.masked(token).status == 200
    over(account.masked(token))
    assert account.detokenize(token).status == 200


def test_searches_and_deterministic_tokens_are_limited(account: World) -> None:
    """Both tell whether a value is known; random values in the same request do not count."""
    for _ in range(2):
        assert account.tokenize(KNOWN, KNOWN, TEXT).status == 200
    stored = account.items("vault")
    over(account.tokenize(KNOWN, TEXT))
    assert account.items("vault") == stored
    assert last_event(account)["action"]["S"] == "tokenize"
    assert last_event(account)["refusal"]["S"] == "budget_exceeded"
    assert account.tokenize(TEXT).status == 200

    assert account.search(*[KNOWN] * 5).status == 200
    over(account.search(KNOWN))
    assert last_event(account)["action"]["S"] == "search"


def test_who_may_not_spends_nothing(account: World) -> None:
    """A request that is refused for another reason leaves the budget alone."""
    problem(account.detokenize("text_unknown", purpose="marketing"), 403, "not_permitted")
    problem(account.search(KNOWN, client="settlement"), 403, "not_permitted")
    assert spent(account) == {}


def test_budgets_of_clients_are_apart(account: World) -> None:
    """One client's use does not touch another's; a client without a budget is not counted."""
    never(account.masked(*["text_unknown"] * 4))
    for _ in range(5):
        assert account.detokenize("text_unknown", client="intake", purpose="treatment").status == 200
    assert account.detokenize(*["text_unknown"] * 10).status == 200
    assert spent(account) == {"shop#settlement reveals": 10}


@pytest.mark.parametrize("size", [1, 3])
def test_32_callers_on_one_budget(account: World, size: int) -> None:
    """Callers of several containers at once get exactly what the budget covers, and no more."""
    token = account.tokenize(TEXT).only["token"]
    containers = []
    for _ in range(4):
        account.restart()
        containers.append(account.services["reveal"])

    def reveal(number: int) -> int:
        account.services["reveal"] = containers[number % 4]
        return account.detokenize(*[token] * size).status

    with ThreadPoolExecutor(32) as pool:
        statuses = list(pool.map(reveal, range(96)))
    assert statuses.count(200) == 10 // size
    assert statuses.count(429) == 96 - 10 // size
    assert spent(account) == {"shop#settlement reveals": 10 // size * size}


def test_an_unacknowledged_count_is_spent(account: World) -> None:
    """A write that was done though its answer was lost is a 503 and counts: rather spent than over."""
    token = account.tokenize(TEXT).only["token"]

    def do_and_lose(name: str, given: dict[str, Any]) -> Exception | None:
        if name != "dynamodb.UpdateItem":
            return None
        account.dynamodb.update_item(**given)
        return DYNAMODB_FAULTS["read timeout"]

    account.fault = do_and_lose
    problem(account.detokenize(*[token] * 6), 503, "store_unavailable")
    account.fault = None
    over(account.detokenize(*[token] * 6))
    assert account.detokenize(*[token] * 4).status == 200


@pytest.mark.parametrize("error", DYNAMODB_FAULTS.values(), ids=DYNAMODB_FAULTS.keys())
def test_nothing_is_done_uncounted(account: World, error: Exception) -> None:
    """Where the table fails, a client with a budget gets that error and no value."""
    token = account.tokenize(TEXT).only["token"]
    account.fault = lambda name, given: error if name == "dynamodb.UpdateItem" else None
    problem(account.detokenize(token), *answered("store", error))
    problem(account.search(KNOWN), *answered("store", error))
    account.fault = None
    assert account.detokenize(token).status == 200


def test_items_go_by_themselves(account: World) -> None:
    """An hour's item lasts for a day after it."""
    account.detokenize("text_unknown")
    [item] = account.items("budgets")
    assert int(item["ttl"]["N"]) == int(wiring.time.time()) // 3600 * 3600 + 25 * 3600


def test_a_container_knows_how_many_regions_share(account: World) -> None:
    """Ten reveals an hour are three for each of three Regions."""
    env = account.env("reveal") | {"TOKENVAULT_REGION_COUNT": "3"}
    account.services["reveal"] = wiring.build(env, account.client, account.telemetry)
    never(account.detokenize(*["text_unknown"] * 4))
    assert account.detokenize(*["text_unknown"] * 3).status == 200
    over(account.detokenize("text_unknown"))
    for wrong in ("0", "17", "x"):
        with pytest.raises(ConfigurationError, match="TOKENVAULT_REGION_COUNT"):
            wiring.build(env | {"TOKENVAULT_REGION_COUNT": wrong}, account.client, account.telemetry)


def test_a_budget_of_nothing_is_refused(account: World) -> None:
    """It would read like no limit to one, and like no permission to another."""
    account.put_policy(policies.limited("shop", "settlement", reveals_per_hour=0))
    with pytest.raises(
        ConfigurationError, match="settlement of tenant shop has a budget that is not from 1 to"
    ):
        account.restart()


def test_deterministic_tokens_have_a_metric(account: World) -> None:
    """What is made or found for deterministic types is counted apart: guesses show there."""
    with captured_lines() as lines:
        account.tokenize(KNOWN, KNOWN, TEXT, {**KNOWN, "value": ""})
        [line] = [line for line in lines() if "TokensMade" in line]
    assert (line["TokensMade"], line["DeterministicTokens"]) == (3, 2)


class Counted:
    """Notes what was asked for, and says yes."""

    def __init__(self) -> None:
        self.asked: list[Spending] = []

    def spend(self, spending: Spending) -> bool:
        self.asked.append(spending)
        return True


class Spent:
    """Has nothing left."""

    def spend(self, spending: Spending) -> bool:
        return False


def caller(**budgets: int) -> Caller:
    return Caller("shop", "c", frozenset(), frozenset(), frozenset(), budgets)  # type: ignore[arg-type]


def test_regions_share_a_limit() -> None:
    """Each has an equal part, rounded down: together they are never over."""
    store = Counted()
    budgets = Budgets(store=store, regions=3, clock=lambda: 7200.5)
    budgets.spend(caller(reveals=100), "reveals", [None] * 33)
    assert store.asked == [Spending("shop", "c", "reveals", 7200, 33, 33)]
    with pytest.raises(BudgetExceeded) as refused:
        budgets.spend(caller(reveals=100), "reveals", [None] * 34)
    assert refused.value.retry_after is None
    assert "this Region has 33:" in refused.value.detail
    assert len(store.asked) == 1


def test_a_limit_with_less_than_one_for_each_region() -> None:
    """Covers nothing, so that nobody is told to come back, or to send fewer."""
    with pytest.raises(BudgetExceeded) as refused:
        Budgets(store=Counted(), regions=3, clock=lambda: 0.0).spend(caller(reveals=2), "reveals", [None])
    assert refused.value.retry_after is None
    assert refused.value.detail.endswith("of which this Region has 0")


def test_the_largest_amount_that_ever_fits() -> None:
    """The smallest of the limits that may hold for it, as a Region has it; nothing is spent to know it."""
    store = Counted()
    budgets = Budgets(store=store, regions=3, clock=lambda: 7200.5)
    own: dict[str, dict[BudgetKind, int]] = {"text": {"reveals": 60}, "card": {"reveals": 31}, "date": {}}
    anna = replace(caller(reveals=100), user=User("anna", None), own_budgets=own)
    assert budgets.most(caller(), "reveals", ["text"]) is None
    assert budgets.most(caller(reveals=100), "reveals", ["text"]) == 33
    assert budgets.most(anna, "reveals", ["text"]) == 10, "what does not parse counts against any type"
    assert budgets.most(replace(anna, own_budgets={"text": own["text"]}), "reveals", ["text"]) == 20
    assert store.asked == []


def test_what_no_hour_gives_one_of_is_refused_before_it_is_begun() -> None:
    """By the client's limit, and by a person's of one of the types; nothing is spent to know it."""
    store = Counted()
    budgets = Budgets(store=store, regions=3, clock=lambda: 7200.5)
    own: dict[str, dict[BudgetKind, int]] = {"text": {"reveals": 3}, "card": {"reveals": 2}, "date": {}}
    anna = replace(caller(reveals=3), user=User("anna", None), own_budgets=own)
    for who, types in ((caller(), ["text"]), (caller(reveals=3), ["text"]), (anna, ["text", "date"])):
        budgets.require_any(who, "reveals", types)
    for who, types in ((caller(reveals=2), ["text"]), (anna, ["text", "card"])):
        with pytest.raises(BudgetExceeded, match="this Region has 0") as refused:
            budgets.require_any(who, "reveals", types)
        assert refused.value.retry_after is None
    assert store.asked == []


@pytest.mark.parametrize(("now", "wait"), [(3600.0, 3600), (3600.1, 3600), (7199.0, 1), (7199.9, 1)])
def test_retry_after_is_the_next_hour(now: float, wait: int) -> None:
    """A second early is never told."""
    kind: BudgetKind = "searches"
    with pytest.raises(BudgetExceeded) as refused:
        Budgets(store=Spent(), regions=1, clock=lambda: now).spend(caller(searches=2), kind, [None] * 2)
    assert refused.value.retry_after == wait
