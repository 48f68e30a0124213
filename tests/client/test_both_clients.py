"""What the blocking and the async client promise, each of it tried with both."""

import copy
import pickle
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tokenvault_client import (
    ConfigurationError,
    ImportItem,
    InvalidRequest,
    ItemError,
    NotFound,
    NotPermitted,
    ProblemError,
    Refused,
    Retries,
    SearchItem,
    Throttled,
    TokenFacts,
    TokenizeItem,
    Unauthenticated,
    Unavailable,
)

from tests.client.kinds import clients
from tests.client.service import ALL, HANG_UP, RECEIPT, Answer, Service, problem

Make = Callable[..., Any]
VALUE = "4111111111111111"
SUBJECT = "subject-of-mine"
ONCE = Retries(attempts=1)


def items(number: int) -> list[TokenizeItem]:
    return [TokenizeItem("text", f"value-{n}") for n in range(number)]


@pytest.mark.parametrize(
    ("method", "given", "said"),
    [
        ("tokenize", {"type": "text", "value": VALUE}, "item 1 is a dict; a TokenizeItem is needed"),
        ("tokenize", SearchItem("text", VALUE), "item 1 is a SearchItem; a TokenizeItem is needed"),
        ("import_tokens", TokenizeItem("text", VALUE), "item 1 is a TokenizeItem; an ImportItem is needed"),
        ("search", VALUE, "item 1 is a str; a SearchItem is needed"),
        ("detokenize", {"token": VALUE}, "item 1 is a dict; a string is needed"),
        ("detokenize", VALUE.encode(), "item 1 is a bytes; a string is needed"),
    ],
)
def test_an_item_of_another_class_is_told_which_is_needed(
    service: Service, make: Make, method: str, given: Any, said: str
) -> None:
    """Before anything is sent, and without the value."""
    right = {"detokenize": "ba", "search": SearchItem("text", "ab")}
    first = right.get(method, ImportItem("text", "ab", token="ba"))
    with pytest.raises(TypeError) as raised:
        getattr(make(service.settings()), method)([first, given])
    assert (said in str(raised.value), VALUE in str(raised.value), service.seen) == (True, False, [])


def test_what_is_named_by_something_else_than_a_string(service: Service, make: Make) -> None:
    """As the id of a subject that is a number in the caller's tables."""
    client = make(service.settings())
    for method in (client.facts, client.erase_token, client.subject_tokens, client.erase_subject):
        with pytest.raises(TypeError, match="a string is needed, and this is of the class int"):
            method(4111)
    assert service.seen == []


@pytest.mark.parametrize("named", ["", ".", "..", "..."])
def test_what_is_named_by_nothing_is_not_asked_for(service: Service, make: Make, named: str) -> None:
    """The route would be another one, and its answer say nothing of the name that is missing."""
    client = make(service.settings())
    for what, method in (
        ("token", client.facts),
        ("token", client.erase_token),
        ("subject", client.subject_tokens),
        ("subject", client.erase_subject),
    ):
        with pytest.raises(InvalidRequest, match=f"the {what} cannot be empty or dots; nothing was sent"):
            method(named)
    assert service.seen == []


def test_each_method_asks_and_answers(service: Service, make: Make) -> None:
    """The same requests, and the same results, whichever client it is."""
    client = make(service.settings())
    [made] = client.tokenize([TokenizeItem("text", "ab", "s", ttl_seconds=5)], idempotency_key="k" * 22)
    [shown] = client.detokenize(["ba"], purpose="refund", reveal="masked", on_behalf_of="anna")
    [found] = client.search([SearchItem("text", "ab")])
    assert (made.token, shown.value.reveal(), found.token) == ("ba", "ab", "ba")
    assert client.facts("t/1").metadata == {"order": "7"}
    assert client.erase_token("t..") is None
    assert [facts.token for facts in client.subject_tokens("a b").tokens] == ["t1", "t2"]
    assert client.erase_subject("s").claims == RECEIPT
    assert [known.type for known in client.types()] == ["text"]
    assert [(seen.method, seen.path) for seen in service.seen] == [
        ("POST", "/v1/tokenize"),
        ("POST", "/v1/detokenize"),
        ("POST", "/v1/search"),
        ("GET", "/v1/tokens/t%2F1"),
        ("DELETE", "/v1/tokens/t.."),
        ("GET", "/v1/subjects/a%20b"),
        ("GET", "/v1/subjects/a%20b"),
        ("DELETE", "/v1/subjects/s"),
        ("GET", "/v1/types"),
    ]
    body = {"items": [{"token": "ba"}], "purpose": "refund", "on_behalf_of": "anna", "reveal": "masked"}
    assert service.seen[1].body == body
    assert service.seen[0].headers["Idempotency-Key"] == "k" * 22
    assert service.seen[6].headers["Page-Cursor"] == "dDE"
    assert all(seen.headers["x-api-key"] == "an-api-key" for seen in service.seen)
    assert all(seen.headers["User-Agent"].startswith("tokenvault-client/") for seen in service.seen)


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.detokenize("7462522174991111", purpose="refund"),
        lambda client: client.detokenize(["7462522174991111"], purpose="refund", fields="expiry"),
        lambda client: client.capture_session(types="card_number", origin="https://shop.example"),
    ],
    ids=["tokens", "fields", "types"],
)
def test_one_text_in_the_place_of_a_list_is_refused(
    service: Service, make: Make, call: Callable[[Any], object]
) -> None:
    """A text is a list of its characters: sixteen tokens that nobody has, each looked for and on record."""
    with pytest.raises(ConfigurationError, match="must be a list") as refused:
        call(make(service.settings()))
    assert "7462522174991111" not in str(refused.value)
    assert not service.seen


@pytest.mark.parametrize("given", [TokenizeItem("text", VALUE), VALUE, 4111111111111111, None])
@pytest.mark.parametrize("method", ["tokenize", "import_tokens", "search", "detokenize"])
def test_what_is_no_list_is_refused_by_that_name(
    service: Service, make: Make, method: str, given: Any
) -> None:
    """One item alone says that a list is needed, not what Python cannot do with it; and not the value."""
    with pytest.raises(ConfigurationError, match=r"^(items|tokens) must be a list") as refused:
        getattr(make(service.settings()), method)(given)
    assert (VALUE in str(refused.value), service.seen) == (False, [])


@pytest.mark.parametrize("method", ["tokenize", "import_tokens"])
def test_an_empty_key_is_no_key_left_out(service: Service, make: Make, method: str) -> None:
    """Whoever gives one wants no second tokens; a random one in its place would make them."""
    with pytest.raises(ConfigurationError, match="the idempotency key must be 22 to 112"):
        getattr(make(service.settings()), method)([ImportItem("text", "ab", token="ba")], idempotency_key="")
    assert service.seen == []


def test_an_error_taken_for_a_result_says_why_the_item_failed() -> None:
    """The traceback of a program that reads the token without a look; copies and pickles stay possible."""
    error = ItemError("unknown_type", "the policy has no information type of this name")
    with pytest.raises(AttributeError, match="no token: the item failed, unknown_type: the policy has no"):
        _ = error.token
    assert pickle.loads(pickle.dumps(error)) == copy.deepcopy(error) == error
    assert not hasattr(error, "value")


@pytest.mark.parametrize("answer", [problem(503, "store_unavailable"), HANG_UP], ids=["503", "cut"])
def test_what_passes_is_sent_again_under_the_same_key(service: Service, make: Make, answer: Answer) -> None:
    """The very same request, until it is answered; then the last answer is the error."""
    client = make(service.settings())
    service.script += [answer] * 3
    client.tokenize(items(1))
    assert len({(seen.raw, seen.headers["Idempotency-Key"]) for seen in service.seen}) == 1
    assert len(service.seen) == 4
    service.script += [answer] * 4
    with pytest.raises(Unavailable) as raised:
        client.tokenize(items(1))
    assert raised.value.retryable


@pytest.mark.parametrize("status", [429, 503])
def test_what_the_service_asks_for_is_waited_for(service: Service, make: Make, status: int) -> None:
    """Seven seconds; half an hour is left to the caller, and so is what a call has no time for."""
    waits: list[float] = []
    client = make(service.settings(), waits=waits)
    code = "throttled" if status == 429 else "store_unavailable"
    service.script.append(problem(status, code, retry_after="7"))
    client.types()
    assert waits == [7]
    for asked, timeout in (("1800", None), ("7", 3)):
        service.script.append(problem(status, code, retry_after=asked))
        with pytest.raises((Throttled, Unavailable)) as raised:
            client.types(timeout=timeout)
        assert raised.value.problem.retry_after == float(asked)
    assert waits == [7]


ERRORS: dict[type[ProblemError], int] = {NotPermitted: 403, NotFound: 404, Refused: 307, Unavailable: 500}


@pytest.mark.parametrize(("kind", "status"), ERRORS.items(), ids=[str(status) for status in ERRORS.values()])
def test_an_answer_becomes_an_error_of_its_kind(
    service: Service, make: Make, kind: type[ProblemError], status: int
) -> None:
    """Sent once; a redirect is not followed."""
    where = {"Location": f"{service.url}/elsewhere"}
    answer = problem(status, "some_code")
    service.script.append(replace(answer, headers={**answer.headers, **where}))
    with pytest.raises(kind) as raised:
        make(service.settings()).types()
    assert (type(raised.value), raised.value.code, len(service.seen)) == (kind, "some_code", 1)


def test_another_program_behind_the_address_is_not_repeated(service: Service, make: Make) -> None:
    """Neither its page nor what a parser says of it."""
    for page in (b"<html>" + VALUE.encode(), [VALUE], {"results": [{"error": VALUE}]}):
        service.script.append(Answer(200, page))
        with pytest.raises(Unavailable, match="unexpected_answer") as raised:
            make(service.settings()).tokenize([TokenizeItem("text", "ab")])
        assert VALUE not in "".join(traceback.format_exception(raised.value))


def test_an_access_token_is_asked_for_once(service: Service, make: Make) -> None:
    """However many begin at the same time: one with all scopes, and one for the side."""
    client = make(service.settings())
    assert all(isinstance(types, list) for types in client.at_once(20, "types"))
    assert len(service.asked) == 2
    assert len({seen.access_token for seen in service.seen}) == 1
    service.script.append(problem(401, "unauthenticated"))
    client.types()
    assert len(service.asked) == 4
    service.script += [problem(401, "unauthenticated")] * 2
    with pytest.raises(Unauthenticated):
        client.types()


def test_a_refusal_by_the_token_endpoint_is_shared(service: Service, make: Make) -> None:
    """By those who waited for it: twenty that begin with a wrong secret are no twenty requests."""
    everybody_waits = threading.Event()
    service.on_token_request = lambda: everybody_waits.wait(0.3) and None
    service.endpoint_script += [Answer(400, {"error": "invalid_client"})] * 20
    client = make(service.settings())
    assert {type(error) for error in client.at_once(20, "types")} == {Unauthenticated}
    asked = len(service.asked)
    assert asked < 5  # one, and one for each that began late
    everybody_waits.set()
    with pytest.raises(Unauthenticated):
        client.types()
    assert len(service.asked) == asked + 1


def test_no_access_token_that_reveals_comes_to_the_tokenizing_side(service: Service, make: Make) -> None:
    """Each side has its own, and what the client may not do is told without a request."""
    client = make(service.settings())
    client.tokenize(items(1))
    client.detokenize(["ab"])
    assert len({seen.access_token for seen in service.seen}) == 2
    service.scopes = ALL.replace("vault/search", "")
    with pytest.raises(NotPermitted, match=r"no scope for search, only for approve, .*; nothing was sent"):
        make(service.settings()).search([SearchItem("text", "ab")])


def test_a_token_cache_is_shared(service: Service, make: Make, tmp_path: Path) -> None:
    """By clients of both kinds, and a refused one is dropped for all."""
    service.scopes = "vault/read"
    for _ in range(2):
        make(service.settings(token_cache=str(tmp_path))).types()
    with clients("blocking") as blocking:
        blocking(service.settings(token_cache=str(tmp_path))).types()
    assert len(service.asked) == 1


def test_batches_keep_their_order_and_their_keys(service: Service, make: Make) -> None:
    """Named alike by both clients: a call that one of them began, the other can make again."""
    client = make(service.settings(), parallel=3)
    made = client.tokenize(items(450), idempotency_key="k" * 22)
    assert [facts.token for facts in made] == [f"value-{n}"[::-1] for n in range(450)]
    keys = {seen.headers["Idempotency-Key"] for seen in service.seen}
    assert keys == {"k" * 22, *(f"{'k' * 22}-{n}" for n in range(1, 5))}
    assert client.tokenize([]) == []


def test_as_many_requests_at_once_as_asked_for(service: Service, make: Make) -> None:
    """Three: each waits until the others of its round are there."""
    together = threading.Barrier(3, timeout=10)
    service.on_request = together.wait  # type: ignore[assignment]  # its number is of no use
    assert len(make(service.settings(), parallel=3).tokenize(items(900))) == 900


def test_a_request_that_fails_does_not_lose_the_others(service: Service, make: Make) -> None:
    """Its items and those not sent hold the error; where none succeeded, it is raised."""
    client = make(service.settings(), parallel=1, retries=ONCE)
    service.on_request = lambda: service.script.append(problem(503, "store_unavailable"))
    made = client.tokenize(items(300))
    assert all(isinstance(facts, TokenFacts) for facts in made[:100])
    assert made[100:] == [ItemError("store_unavailable", "about store_unavailable; request id r-1")] * 200
    assert len(service.seen) == 2
    with pytest.raises(Unavailable):
        make(service.settings(), retries=ONCE).tokenize(items(300))
