"""One method a route: what goes out, what comes back, and what never shows."""

import json
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tokenvault_client import (
    CardFacts,
    Client,
    ConfigurationError,
    Conflict,
    ImportItem,
    InvalidRequest,
    ItemError,
    NotFound,
    NotPermitted,
    ProblemError,
    Refused,
    SearchItem,
    Sensitive,
    Throttled,
    TokenFacts,
    TokenizeItem,
    Unauthenticated,
    Unavailable,
)

from tests.client.service import CREATED, Answer, Service, problem

VALUE = "4111111111111111"


def test_tokenize_sends_what_was_given_and_nothing_else(service: Service) -> None:
    """Optional fields are left out; a wrapped value goes as it is."""
    items = [
        TokenizeItem("text", "a"),
        TokenizeItem("text", Sensitive("b"), "customer-1", ttl_seconds=60, metadata={"order": "7"}),
    ]
    made = service.client().tokenize(items)
    assert made[1] == TokenFacts("b", "text", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), None)
    [seen] = service.seen
    more = {"subject": "customer-1", "ttl_seconds": 60, "metadata": {"order": "7"}}
    assert seen.body == {"items": [{"type": "text", "value": "a"}, {"type": "text", "value": "b", **more}]}
    assert seen.headers["x-api-key"] == "an-api-key"


def test_detokenize_gives_wrapped_values_and_errors_in_place(service: Service) -> None:
    """An item that fails holds its error, and the others their values."""
    first, gone, last = service.client().detokenize(["ab", "gone", "cd"], purpose="refund")
    assert gone == ItemError("token_not_found", "there is no such token, or no longer")
    assert not isinstance(first, ItemError)
    assert not isinstance(last, ItemError)
    assert (first.token, first.value.reveal(), last.value.reveal()) == ("ab", "ba", "dc")
    expected = [{"token": "ab"}, {"token": "gone"}, {"token": "cd"}]
    assert service.seen[0].body == {"items": expected, "purpose": "refund", "reveal": "full"}


def test_detokenize_says_for_whom_only_if_it_was_told(service: Service) -> None:
    """In the body, never in the address or a header."""
    client = service.client()
    client.detokenize(["ab"], purpose="refund", on_behalf_of="anna")
    client.detokenize(["ab"], reveal="masked")
    first, second = service.seen
    assert first.body["on_behalf_of"] == "anna"
    assert "anna" not in f"{first.path} {first.headers}"
    assert "on_behalf_of" not in second.body


def test_detokenize_names_the_fields_that_it_wants(service: Service) -> None:
    """As a list, and none if whole values are wanted."""
    client = service.client()
    client.detokenize(["ab"], purpose="refund", fields=("expiry", "holder"))
    client.detokenize(["ab"], purpose="refund")
    first, second = service.seen
    assert first.body["fields"] == ["expiry", "holder"]
    assert "fields" not in second.body


def test_search_facts_types_and_erasing(service: Service) -> None:
    """The other routes, each with its own path and method."""
    client = service.client()
    [found] = client.search([SearchItem("text", "ab", subject="p")])
    assert isinstance(found, TokenFacts)
    assert found.token == "ba"
    known = client.facts("a/b@c")
    assert (known.metadata, known.created_by) == ({"order": "7"}, "checkout")
    client.erase_token("tok")
    erased = client.erase_subject("customer:1")
    assert (erased.jws, erased.receipt.tokens_closed) == ("a.b.c", 3)
    assert erased.receipt.remains.in_backups_until == date(2026, 2, 6)
    assert [info_type.max_ttl_seconds for info_type in client.types()] == [60]
    assert [(seen.method, seen.path) for seen in service.seen] == [
        ("POST", "/v1/search"),
        ("GET", "/v1/tokens/a%2Fb%40c"),
        ("DELETE", "/v1/tokens/tok"),
        ("DELETE", "/v1/subjects/customer%3A1"),
        ("GET", "/v1/types"),
    ]


def test_what_is_known_of_a_card_comes_along(service: Service) -> None:
    """Brand and BIN where the policy tells them; what a service does not tell is None."""
    facts = {"token": "t", "type": "card", "created": CREATED, "expires_at": None}
    service.script.append(Answer(200, {"results": [{**facts, "card": {"brand": "visa", "more": 1}}, facts]}))
    told, untold = service.client().tokenize([TokenizeItem("card", VALUE)] * 2)
    assert isinstance(told, TokenFacts)
    assert isinstance(untold, TokenFacts)
    assert (told.card, untold.card) == (CardFacts("visa"), CardFacts())
    card = {"brand": "visa", "bin": "411111", "fingerprint": "fp_a"}
    service.script.append(Answer(200, {**facts, "metadata": {}, "card": card}))
    known = service.client().facts("t")
    assert (known.card, known.created_by) == (CardFacts("visa", "411111", "fp_a"), None)


def test_a_subjects_tokens_are_read_page_by_page(service: Service) -> None:
    """All pages as one; the cursor goes in a header, and nothing is erased."""
    found = service.client().subject_tokens("customer:1")
    assert [facts.token for facts in found.tokens] == ["t1", "t2"]
    assert [(failed.token, failed.error.code) for failed in found.failed] == [("t3", "token_not_found")]
    assert found.erased_at is None
    asked = [(seen.method, seen.path, seen.headers.get("Page-Cursor")) for seen in service.seen]
    assert asked == [("GET", "/v1/subjects/customer%3A1", cursor) for cursor in (None, "dDE")]


def test_what_is_no_page_of_a_subject_is_unexpected(service: Service) -> None:
    """An answer without its fields is not taken for an empty one."""
    service.script.append(Answer(200, {"tokens": [], "failed": [], "erased_at": None}))
    with pytest.raises(Unavailable):
        service.client().subject_tokens("customer-1")


KINDS: dict[type[ProblemError], list[int]] = {
    InvalidRequest: [400, 413, 415, 422],
    NotPermitted: [403],
    NotFound: [404],
    Conflict: [409],
    Refused: [307, 418],
    Unavailable: [500, 507],
}


@pytest.mark.parametrize(
    ("kind", "status"), [(kind, status) for kind, statuses in KINDS.items() for status in statuses]
)
def test_a_problem_document_becomes_an_error_of_its_kind(
    service: Service, kind: type[ProblemError], status: int
) -> None:
    """Code, request id and the fields at fault come along; it is not sent again."""
    errors = [{"pointer": "/items/0/type", "code": "unknown_type", "detail": "no such type"}]
    service.script.append(problem(status, "some_code", errors=errors))
    with pytest.raises(kind) as raised:
        service.client().tokenize([TokenizeItem("text", VALUE)])
    found = raised.value.problem
    assert (found.status, found.code, found.request_id) == (status, "some_code", "r-1")
    assert found.errors[0].pointer == "/items/0/type"
    assert str(raised.value) == "some_code: about some_code; at /items/0/type; request id r-1"
    assert type(raised.value) is kind
    assert len(service.seen) == 1


def test_a_redirect_is_not_followed(service: Service) -> None:
    """The access token and the values stay where they were meant to go."""
    service.script.append(Answer(307, {}, {"Location": f"{service.url}/elsewhere"}))
    with pytest.raises(Refused, match="unexpected_answer"):
        service.client().types()
    assert len(service.seen) == 1


OTHERS: list[Any] = [
    b"<html>4111111111111111</html>",
    b"[]",
    {},
    {"results": None},
    {"results": []},
    {"results": [{"value": VALUE}]},
    {"results": [{"error": VALUE}]},
    {"results": [VALUE]},
]


@pytest.mark.parametrize("body", OTHERS, ids=range(len(OTHERS)))
def test_an_answer_of_another_shape_is_not_repeated(service: Service, body: Any) -> None:
    """A page of a proxy, or another program behind the address, is one error that quotes nothing."""
    calls: list[Callable[[Client], Any]] = [
        lambda client: client.detokenize(["tok"]),
        lambda client: client.tokenize([TokenizeItem("text", VALUE)]),
    ]
    for call in calls:
        service.script.append(Answer(200, body))
        with pytest.raises(Unavailable, match="unexpected_answer") as raised:
            call(service.client())
        assert VALUE not in str(raised.value)
        assert raised.value.__context__ is None or raised.value.__suppress_context__


def test_fields_that_a_later_service_adds_are_passed_over(service: Service) -> None:
    """In results and in their errors."""
    error = {"code": "invalid_value", "detail": "no", "more": 1}
    facts = {"token": "t", "type": "text", "created": CREATED, "expires_at": CREATED, "more": 1}
    service.script.append(Answer(200, {"results": [{"error": error}, facts], "more": 1}))
    wrong, made = service.client().tokenize([TokenizeItem("text", "a"), TokenizeItem("text", "b")])
    assert wrong == ItemError("invalid_value", "no")
    assert isinstance(made, TokenFacts)
    assert made.expires_at == made.created


def test_nothing_shows_a_value_or_a_secret(service: Service) -> None:
    """Items, results, settings and errors print their names only; a revealed value is not serialised."""
    client = service.client()
    [revealed] = client.detokenize([VALUE[::-1]])
    item = TokenizeItem("text", VALUE)
    shown = f"{item!r} {SearchItem('text', VALUE)!r} {revealed!r} {service.settings()!r} {client!r}"
    for secret in (VALUE, "a-secret", "an-api-key"):
        assert secret not in shown
    assert not isinstance(revealed, ItemError)
    assert f"{revealed.value}" == "Sensitive(***)"
    with pytest.raises(TypeError):
        pickle.dumps(revealed)
    with pytest.raises(TypeError):
        json.dumps(revealed.value)


def test_half_of_a_surrogate_pair_is_for_the_service_to_refuse(service: Service) -> None:
    """Python's own error would carry the whole text."""
    service.script += [problem(400, "invalid_request"), problem(400, "invalid_request")]
    with pytest.raises(InvalidRequest):
        service.client().tokenize([TokenizeItem("text", "secret \ud800")])
    with pytest.raises(InvalidRequest):
        service.client().facts("secret \ud800")
    assert service.seen[1].path == "/v1/tokens/secret%20%ED%A0%80"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "http://vault.example.com"}, "TOKENVAULT_URL must begin with https://"),
        ({"token_url": "http://10.0.0.1/oauth2/token"}, "TOKENVAULT_TOKEN_URL must begin with https://"),
        ({"url": "ftp://localhost"}, "TOKENVAULT_URL must begin with https://"),
        ({"url": "https://user:secret@host"}, "TOKENVAULT_URL must be a URL with a host, and without"),
        ({"url": "https://"}, "TOKENVAULT_URL must be a URL"),
        ({"url": "https://[::1"}, "TOKENVAULT_URL is not a URL"),
        ({"url": f"https://{'a' * 64}.example"}, "TOKENVAULT_URL is not a URL"),
        ({"api_key": "secret\n"}, "TOKENVAULT_API_KEY holds spaces, line breaks"),
        ({"client_id": "", "client_secret": ""}, "TOKENVAULT_CLIENT_ID is not set; TOKENVAULT_CLIENT_SECRET"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(
    service: Service, changes: dict[str, str], said: str
) -> None:
    """Every problem at once, and no value of any."""
    with pytest.raises(ConfigurationError) as raised:
        service.settings(**changes)
    assert str(raised.value).startswith(said)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost", "https://x.example"]
)
def test_https_is_needed_but_on_loopback(service: Service, url: str) -> None:
    """The local stack has no certificate."""
    assert service.settings(url=url).url == url


def test_settings_come_from_the_environment(service: Service) -> None:
    """The variables of the command line tool make a client."""
    with Client.from_env(service.environment()) as client:
        assert client.types()
    with pytest.raises(
        ConfigurationError, match="TOKENVAULT_URL is not set; TOKENVAULT_TOKEN_URL is not set"
    ):
        Client.from_env({})


def test_what_the_environment_lacks_is_told_with_the_command_that_prints_it(service: Service) -> None:
    """Not where something is set and wrong: another one would be no better."""
    with pytest.raises(ConfigurationError, match=r"TOKENVAULT_API_KEY is not set.*`make env CLIENT=NAME`"):
        Client.from_env({**service.environment(), "TOKENVAULT_API_KEY": ""})
    with pytest.raises(ConfigurationError) as wrong:
        Client.from_env({**service.environment(), "TOKENVAULT_URL": "http://vault.example.com"})
    assert "make env" not in str(wrong.value)


def test_throttled_and_unauthenticated_are_told_apart(service: Service) -> None:
    """Both come after the client has done what it can."""
    service.script += [problem(429, "quota_exceeded")]
    with pytest.raises(Throttled):
        service.client().types()
    service.script += [problem(401, "unauthenticated"), problem(401, "unauthenticated")]
    with pytest.raises(Unauthenticated):
        service.client().types()


def test_values_go_in_under_their_own_tokens(service: Service) -> None:
    """By a route of its own and under a key, as values that get tokens; facts tell which were."""
    service.scopes = "vault/import vault/read"
    client = service.client()
    [made] = client.import_tokens([ImportItem("text", "ab", subject="p", token="tok_1")])
    assert isinstance(made, TokenFacts)
    assert (made.token, made.imported) == ("tok_1", False)
    sent = service.seen[-1]
    assert (sent.path, sent.body["items"]) == (
        "/v1/import",
        [{"type": "text", "value": "ab", "subject": "p", "token": "tok_1"}],
    )
    assert sent.headers["Idempotency-Key"]
    facts = {"token": "tok_1", "type": "text", "created": CREATED, "expires_at": None}
    service.script.append(Answer(200, {**facts, "imported": True, "metadata": {}}))
    assert client.facts("tok_1").imported is True
