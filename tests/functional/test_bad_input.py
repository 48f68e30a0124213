"""Whatever is sent, the answer is a problem document that points at the field and quotes nothing."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.answers import SENTINEL, problem
from tests.support.world import Answer, World, world


def text(value: str = "x") -> dict[str, Any]:
    return {"type": "text", "value": value}


TOKENIZE_BODIES: list[tuple[str, bytes, str]] = [
    ("empty", b"", ""),
    ("only spaces", b"  \n", ""),
    ("not JSON", f"{SENTINEL}".encode(), ""),
    ("cut short", b'{"items": [', ""),
    ("two documents", b"{} {}", ""),
    ("not UTF-8", b'{"items": [{"type": "text", "value": "\xff\xfe"}]}', ""),
    ("bytes that a gateway replaced", '{"items": [{"type": "text", "value": "M\ufffdller"}]}'.encode(), ""),
    ("NaN", b'{"items": [{"type": "text", "value": NaN}]}', ""),
    ("nested too deeply", b"[" * 100_000, ""),
    ("deep but closed", b'{"items":' + b"[" * 5000 + b"]" * 5000 + b"}", ""),
    ("an array", b"[]", ""),
    ("null", b"null", ""),
    ("a string", json.dumps(SENTINEL).encode(), ""),
    ("no items", b"{}", ""),
    ("items null", b'{"items": null}', "/items"),
    ("items a number", b'{"items": 3}', "/items"),
    ("zero items", b'{"items": []}', "/items"),
    ("unknown field above", json.dumps({"items": [text()], SENTINEL: SENTINEL}).encode(), ""),
    ("a name twice", b'{"items": [{"type": "text", "value": "a", "value": "b"}]}', "/items/0"),
    ("items twice", b'{"items": [], "items": [{"type": "text", "value": "b"}]}', ""),
    (
        "a name twice inside",
        f'{{"items": [{{"type": "text", "value": {{"{SENTINEL}": {{"a": 1, "a": 2}}}}}}]}}'.encode(),
        "/items/0/value",
    ),
    ("half a surrogate pair", b'{"items": [{"type": "text", "value": "\\ud83e"}]}', "/items/0/value"),
    ("half a pair in a name", b'{"items": [{"type": "text", "value": "x", "\\ud83e": 1}]}', "/items/0"),
]


ITEMS: dict[str, Any] = {
    "a string": SENTINEL,
    "a list": [SENTINEL],
    "no type": {"value": SENTINEL},
    "no value": {"type": "text"},
    "type a number": {"type": 1, "value": SENTINEL},
    "type null": {"type": None, "value": SENTINEL},
    "type empty": {"type": "", "value": SENTINEL},
    "type long": {"type": SENTINEL * 9, "value": "x"},
    "ttl a string": {**text(), "ttl_seconds": SENTINEL},
    "ttl a boolean": {**text(), "ttl_seconds": True},
    "ttl zero": {**text(), "ttl_seconds": 0},
    "ttl a fraction": {**text(), "ttl_seconds": 1.5},
    "ttl of more than a century": {**text(), "ttl_seconds": 10**12},
    "subject a number": {**text(), "subject": 7},
    "metadata a list": {**text(), "metadata": [SENTINEL]},
    "metadata a number": {**text(), "metadata": {SENTINEL: 7}},
    "unknown field": {**text(), SENTINEL: "x"},
}
"""Items of a tokenize request that cannot be read."""

TOKENS: dict[str, Any] = {
    "null": {"token": None},
    "empty": {"token": ""},
    "long": {"token": SENTINEL * 99},
    "a number": {"token": 4111111111111111},
    "a list": {"token": [SENTINEL]},
    "none": {},
    "unknown field": {"token": "text_x", SENTINEL: "x"},
    "a string": SENTINEL,
}
"""Items of a detokenize request that cannot be read."""


@pytest.fixture(scope="module")
def shared() -> Any:
    """One account for the many cases that write nothing."""
    with world() as made:
        yield made


@pytest.mark.parametrize(
    ("body", "pointer"), [case[1:] for case in TOKENIZE_BODIES], ids=[c[0] for c in TOKENIZE_BODIES]
)
def test_a_body_that_is_not_a_request_is_refused_whole(shared: World, body: bytes, pointer: str) -> None:
    """Nothing of it is carried out, and the problem points at the place."""
    before = len(shared.items("vault"))
    problem(shared.tokenize(body=body), 400, "invalid_request", pointer)
    assert len(shared.items("vault")) == before


def failed_alone(answer: Answer) -> None:
    """The first item holds an error that quotes nothing, the second one its result."""
    assert answer.status == 200
    bad, good = answer.body["results"]
    assert bad["error"]["code"] == "invalid_value"
    assert SENTINEL not in json.dumps(answer.body)
    assert "error" not in good


@pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS.keys())
def test_an_item_that_cannot_be_read_fails_on_its_own(shared: World, item: Any) -> None:
    """Of a batch to tokenize, and of one to search for; the error names the field and the rule."""
    failed_alone(shared.tokenize(json_body={"items": [item, text()]}))
    known = {"type": "text_known", "value": "known"}
    shared.tokenize(known)
    failed_alone(shared.search(json_body={"items": [item, known]}))


@pytest.mark.parametrize("item", TOKENS.values(), ids=TOKENS.keys())
def test_a_token_that_cannot_be_read_fails_on_its_own(shared: World, item: Any) -> None:
    """The others are revealed, and the trail says that one was none."""
    token = shared.tokenize(text()).only["token"]
    body = {"items": [item, {"token": token}], "purpose": "settlement"}
    failed_alone(shared.detokenize(json_body=body))
    outcomes = max(shared.events(), key=lambda event: event["sk"]["S"])["outcomes"]["L"]
    assert [outcome["M"]["outcome"]["S"] for outcome in outcomes] == ["invalid_value", "revealed"]


def test_the_error_of_an_item_names_field_and_rule(shared: World) -> None:
    """As texts for people, below a stable code."""
    [bad] = shared.detokenize(json_body={"items": [{"token": None}], "purpose": "settlement"}).body["results"]
    assert bad["error"] == {"code": "invalid_value", "detail": "token: must be a string, and is null"}


def test_a_fact_that_is_no_string_is_told_without_its_name(shared: World) -> None:
    """Names of metadata are the caller's, and may be a value in the wrong place."""
    [bad] = shared.tokenize({**text(), "metadata": {SENTINEL: 1001}}).body["results"]
    said = "metadata: each entry must be a string, and one is a whole number"
    assert bad["error"] == {"code": "invalid_value", "detail": said}


def test_101_items_are_too_many(shared: World) -> None:
    """A batch over the limit is refused whole, on both sides."""
    problem(shared.tokenize(*[text(SENTINEL)] * 101), 413, "batch_too_large", "/items")
    problem(shared.detokenize(*[SENTINEL] * 101), 413, "batch_too_large", "/items")


def test_100_items_are_not(shared: World) -> None:
    """A batch at the limit is taken."""
    assert shared.tokenize(*[text()] * 100).status == 200


def test_a_body_of_a_megabyte_is_too_large(shared: World) -> None:
    """A body over the limit is refused before it is parsed."""
    problem(shared.tokenize(text("x" * 1_000_000)), 413, "invalid_request")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "4111111111111112",
        "411111111111111",
        "0" * 16,
        "4111 1111 1111 111x",
        SENTINEL,
        4111111111111111,
        1.5,
        None,
        True,
        [],
        {},
        "4" * 5000,
        "4111\u00001111",
    ],
    ids=repr,
)
def test_what_is_no_card_number_fails_on_its_own(shared: World, value: object) -> None:
    """The item holds the error, the others succeed, and the value is not quoted."""
    answer = shared.tokenize({"type": "card_number", "value": value}, text())
    refused, made = answer.body["results"]
    assert refused["error"]["code"] == "invalid_value"
    assert "token" in made
    assert value in ("", None, True, [], {}, 1.5) or str(value) not in json.dumps(refused)


@pytest.mark.parametrize(
    "value", ["", "x" * 4097, "é" * 2049, 7, None, False, ["x"], {"a": "x"}], ids=lambda v: repr(v)[:9]
)
def test_what_is_no_text_fails_on_its_own(shared: World, value: object) -> None:
    """Text is a string of 1 to 4,096 bytes."""
    assert shared.tokenize({"type": "text", "value": value}).only["error"]["code"] == "invalid_value"


@pytest.mark.parametrize("value", ["x" * 4096, "é" * 2048, "\u0000", " ", "null"], ids=lambda v: repr(v)[:9])
def test_text_at_its_limits_is_taken(shared: World, value: str) -> None:
    """The longest and the oddest texts come back as they were."""
    token = shared.tokenize({"type": "text", "value": value}).only["token"]
    assert shared.detokenize(token).only["value"] == value


@pytest.mark.parametrize("kind", ["text", "card_number"])
def test_a_token_is_no_value(shared: World, kind: str) -> None:
    """A token handed in as a value of its type is refused: nobody tokenizes twice by mistake."""
    value = "4111111111111111" if kind == "card_number" else "some text"
    token = shared.tokenize({"type": kind, "value": value}).only["token"]
    again = shared.tokenize({"type": kind, "value": token}).only
    assert again["error"]["code"] == "invalid_value"


def test_an_unknown_type_fails_on_its_own(shared: World) -> None:
    """A type that the policy does not have is not echoed."""
    refused = shared.tokenize({"type": SENTINEL, "value": "x"}).only
    assert refused["error"]["code"] == "unknown_type"
    assert SENTINEL not in json.dumps(refused)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"items": []}, "/items"),
        ({"items": [{"token": "x"}], "purpose": 1}, "/purpose"),
        ({"items": [{"token": "x"}], "purpose": "refund", "reveal": SENTINEL}, "/reveal"),
        ({"items": [{"token": "x"}], "purpose": "refund", "reveal": None}, "/reveal"),
    ],
)
def test_detokenize_bodies_are_checked_too(shared: World, body: Any, pointer: str) -> None:
    """Each wrong field of a detokenize request is pointed at."""
    problem(shared.detokenize(json_body=body), 400, "invalid_request", pointer)


@pytest.mark.parametrize(
    "token", ["x", "4111111111111111", "text_0000", "../../x", "%00", "shop#x", "é" * 256, "\u0000", " "]
)
def test_what_is_no_token_is_not_found(shared: World, token: str) -> None:
    """Text that is no token of the tenant is `token_not_found`, in a batch and by itself."""
    assert shared.detokenize(token).only["error"]["code"] == "token_not_found"
    problem(shared.facts(token), 404, "token_not_found")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(
    body=JSON
    | st.fixed_dictionaries(
        {
            "items": st.lists(
                JSON
                | st.fixed_dictionaries(
                    {"type": st.sampled_from(["text", "card_number", "nothing"]), "value": JSON}
                ),
                max_size=3,
            )
        }
    )
)
@settings(max_examples=200)
def test_no_json_is_a_server_error(shared: World, body: Any) -> None:
    """Any JSON document gets an answer below 500, on both sides."""
    for answer in (shared.tokenize(json_body=body), shared.detokenize(json_body=body)):
        assert answer.status < 500, answer.body


@given(body=st.binary(max_size=200))
@settings(max_examples=200)
def test_no_bytes_are_a_server_error(shared: World, body: bytes) -> None:
    """Any bytes get an answer below 500."""
    assert shared.tokenize(body=body).status < 500


def test_a_time_limit_over_the_types_own_is_refused(shared: World) -> None:
    """A token may not live longer than its type allows; the item fails on its own."""
    over, under = shared.tokenize(
        {"type": "short_lived", "value": "x", "ttl_seconds": 3601},
        {"type": "short_lived", "value": "x", "ttl_seconds": 3600},
    ).body["results"]
    assert over["error"]["code"] == "invalid_value"
    assert under["expires_at"] is not None


def test_a_field_that_is_not_known_is_answered_with_those_that_are(shared: World) -> None:
    """Its own name is the caller's text, and may be a value; who mistyped a name finds it in the list."""
    item = shared.tokenize(json_body={"items": [{"typ": "text", "value": SENTINEL}]}).only
    assert item["error"]["detail"] == (
        "item: Object contains a field that is not known here; "
        "known: type, value, subject, ttl_seconds, metadata"
    )
    whole = shared.tokenize(json_body={"item": []}).body
    assert whole["detail"] == "Object contains a field that is not known here; known: items"
