"""A page hands cards in by a capture session: what it gets, and what a stolen session is good for."""

from base64 import urlsafe_b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support import policies
from tests.support.answers import codes, problem, tokens
from tests.support.capturing import CARD, OTHER_CARD, SHOP, TEXT, ask_session, capture, session, with_capture
from tests.support.logs import captured_lines
from tests.support.world import World, world

MISTYPED = {"type": "card_number", "value": "4111111111111112"}


@pytest.fixture(scope="module")
def account() -> Iterator[World]:
    with world(with_capture()) as made:
        yield made


@contextmanager
def under(account: World, written: dict[str, Any]) -> Iterator[None]:
    """New containers under another policy, and under the old one again."""
    for document in (written, with_capture()):
        account.deploy(document)
        if document is written:
            yield


def stored_values(account: World) -> int:
    return sum(item["sk"]["S"] == "record" for item in account.items("vault"))


def test_a_page_gets_a_token_and_a_mask(account: World) -> None:
    """The back end never sees the card; settlement reveals it by the token, which has its subject."""
    answer = capture(account, session(account, subject="customer-17"), CARD)
    assert answer.status == 200
    assert answer.only["masked"] == "************1111"
    assert set(answer.only) == {"token", "type", "masked", "created", "expires_at"}
    assert account.detokenize(answer.only["token"]).only["value"] == CARD["value"]
    assert account.facts(answer.only["token"]).body["created_by"] == "checkout"
    assert answer.only["token"] in str(account.subject("customer-17").body)


def test_a_back_end_tells_a_token_of_its_session_from_any_other(account: World) -> None:
    """A page may hand over whatever token it knows: another user's, or one that no page made."""
    mine, other = ask_session(account).body, ask_session(account).body
    [made], [another] = (tokens(capture(account, each["session"], CARD)) for each in (mine, other))
    marks = [account.facts(token).body["metadata"] for token in (made, another)]
    assert marks == [{"capture_session": each["session_id"]} for each in (mine, other)]
    assert account.facts(account.tokenize(CARD).only["token"]).body["metadata"] == {}


def test_no_client_marks_a_token_as_a_sessions(account: World) -> None:
    """The mark says which page made a token: no client puts it on another one, nor on an imported one."""
    made = ask_session(account).body
    marked = {"metadata": {"capture_session": made["session_id"], "order": "7"}}
    answer = account.tokenize({**CARD, **marked}, CARD)
    assert codes(answer) == ["invalid_value", None]
    said = answer.body["results"][0]["error"]["detail"]
    assert said == "metadata: capture_session is for what a page makes by a capture session"
    with under(account, policies.importing()):
        imported = account.import_tokens({**TEXT, "token": "old_token_0001", **marked})
        assert imported.body["results"][0]["error"]["detail"] == said


def test_a_session_says_until_when_it_is_taken(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Unix time, ten minutes from now where nothing else is asked for."""
    monkeypatch.setattr("chalicelib.tokenizing_wiring.time.time", lambda: 1_800_000_000.5)
    account.restart()
    assert ask_session(account).body["expires"] == 1_800_000_600
    assert ask_session(account, ttl_seconds=30).body["expires"] == 1_800_000_030


def test_the_same_body_again_gets_the_same_token_and_another_is_refused(account: World) -> None:
    """A page that lost the answer asks again; whoever comes after it with other values comes too late."""
    by = session(account)
    first = capture(account, by, CARD)
    account.restart()
    assert capture(account, by, CARD).body == first.body
    problem(capture(account, by, OTHER_CARD), 409, "capture_session_used")


def test_a_mistyped_number_does_not_use_the_session_up(account: World) -> None:
    """Whoever is told so types it again."""
    by, before = session(account), stored_values(account)
    assert codes(capture(account, by, MISTYPED)) == ["invalid_value"]
    problem(capture(account, by, json_body={"items": 1}), 400, "invalid_request", "/items")
    assert stored_values(account) == before
    assert tokens(capture(account, by, CARD))


def test_a_session_for_several_uses_takes_so_many_values(account: World) -> None:
    """They count together, refused ones not; what is over is refused whole."""
    by = session(account, single_use=False, max_values=3)
    assert len(tokens(capture(account, by, CARD, OTHER_CARD))) == 2
    assert codes(capture(account, by, MISTYPED)) == ["invalid_value"]
    problem(capture(account, by, CARD, OTHER_CARD), 409, "capture_session_used")
    assert codes(capture(account, by, CARD, MISTYPED)) == [None, "invalid_value"]
    problem(capture(account, by, CARD), 409, "capture_session_used")


def test_a_request_has_no_more_items_than_its_session(account: World) -> None:
    """Items that would fail count, too: they are counted before anything is looked at."""
    problem(capture(account, session(account), CARD, MISTYPED), 413, "batch_too_large", "/items")


def test_types_are_those_of_the_session(account: World) -> None:
    """Another type of the client's fails on its own, and so does one that the policy does not have."""
    by = session(account, max_values=3)
    unknown = {"type": "nothing", "value": "x"}
    assert codes(capture(account, by, TEXT, unknown, CARD)) == ["not_permitted", "unknown_type", None]


@pytest.mark.parametrize("name", ["subject", "metadata", "ttl_seconds", "token"])
def test_a_page_says_nothing_but_type_and_value(account: World, name: str) -> None:
    """Whose the value is, and how long it lives, the back end and the policy say."""
    assert codes(capture(account, session(account), {**CARD, name: "x"})) == ["invalid_value"]


NO_ORIGINS = (
    *("", "null", "http://shop.example", "https://Shop.example", SHOP.upper(), "shop.example", f"{SHOP}/"),
    *(f" {SHOP}", f"{SHOP}:443", f"{SHOP}.", f"{SHOP} https://evil.example", f"{SHOP}, {SHOP}"),
    *(f"{SHOP}@evil.example", "https://sh\u043ep.example"),
)
"""What no session is for, and no request that is taken comes from."""

ELSEWHERE = (None, f"{SHOP}:8443", f"{SHOP}.evil.org", "https://a.shop.example", *NO_ORIGINS)


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_a_page_of_another_origin_is_refused(account: World, origin: str | None) -> None:
    """Also one that does not say; and the session is as good as before for its own page."""
    by = session(account)
    problem(capture(account, by, CARD, origin=origin), 403, "wrong_origin")
    assert tokens(capture(account, by, CARD))


def test_a_session_is_over_when_its_time_is(account: World, clock: Any) -> None:
    """Up to the second, a used one too; by the function's clock and nobody else's."""
    account.restart()
    unused, used = session(account, ttl_seconds=60), session(account, ttl_seconds=60)
    capture(account, used, CARD)
    clock(58)
    assert tokens(capture(account, used, CARD))
    clock(60)
    for by in (unused, used):
        problem(capture(account, by, CARD), 401, "capture_session_expired")


def test_the_last_moment_of_a_session(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is good until `expires` comes, and not at it."""
    now = [1_800_000_000.5]
    monkeypatch.setattr("chalicelib.tokenizing_wiring.time.time", lambda: now[0])
    account.restart()
    made = ask_session(account, ttl_seconds=30, max_values=2, single_use=False).body
    now[0] = made["expires"] - 0.001
    assert tokens(capture(account, made["session"], CARD))
    now[0] = float(made["expires"])
    problem(capture(account, made["session"], CARD), 401, "capture_session_expired")
    monkeypatch.undo()
    account.restart()


def test_a_session_is_of_its_own_tenant(account: World) -> None:
    """What comes in by another tenant's session is that tenant's, and the first never sees it."""
    made = tokens(capture(account, session(account, client="intake"), CARD))
    assert codes(account.detokenize(*made)) == ["token_not_found"]
    assert account.detokenize(*made, client="intake", purpose="treatment").only["value"] == CARD["value"]


def test_a_change_of_the_policy_ends_sessions(account: World) -> None:
    """A client, an action or a type that is gone is gone for its sessions at once."""
    by = session(account, types=["card_number", "text"], max_values=2)
    untyped, unallowed, removed = (with_capture() for _ in range(3))
    untyped["tenants"]["shop"]["clients"]["checkout"]["types"] = ["text"]
    unallowed["tenants"]["shop"]["clients"]["checkout"]["actions"] = ["tokenize"]
    del removed["tenants"]["shop"]["clients"]["checkout"]
    with under(account, untyped):
        assert codes(capture(account, by, CARD, TEXT)) == ["not_permitted", None]
    for written in (unallowed, removed):
        with under(account, written):
            problem(capture(account, by, CARD, TEXT), 403, "not_permitted")


def test_who_may_not_capture_begins_no_session(account: World) -> None:
    """Without the action, without the scope, or for a type that the client may not use."""
    problem(ask_session(account, client="support"), 403, "not_permitted")
    problem(ask_session(account, scopes=("tokenize",)), 403, "not_permitted")
    problem(ask_session(account, types=["nothing"]), 403, "not_permitted")
    problem(ask_session(account, scopes=("capture", "detokenize")), 403, "not_permitted")


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("types", []),
        ("types", ["card_number"] * 17),
        *(("origin", wrong) for wrong in NO_ORIGINS),
        *(("origin", name) for name in ("*", "https://*.example", "file://", "about:blank", f"{SHOP}\n")),
        ("max_values", 0),
        ("max_values", 101),
        ("max_values", True),
        ("ttl_seconds", 29),
        ("ttl_seconds", 3601),
        ("single_use", "no"),
    ],
)
def test_terms_that_no_session_has_are_refused(account: World, field: str, wrong: Any) -> None:
    """The answer points at the field."""
    problem(ask_session(account, **{field: wrong}), 400, "invalid_request", f"/{field}")


def test_a_subject_is_checked_before_there_is_a_session(account: World) -> None:
    """A back end learns of its mistake, not the page."""
    problem(ask_session(account, subject="4111111111111111"), 422, "invalid_value")


def test_origins_are_those_of_the_stack(account: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the stack has allowed origins, a session for another page would be good for nothing."""
    env = account.env
    named = {"TOKENVAULT_ALLOWED_ORIGINS": "https://a.example,https://b.example"}
    monkeypatch.setattr(account, "env", lambda function: env(function) | named)
    account.restart()
    assert ask_session(account, origin="https://b.example").status == 201
    problem(ask_session(account), 400, "invalid_request", "/origin")
    monkeypatch.undo()
    account.restart()


@pytest.mark.parametrize("terms", [{}, {"single_use": False}])
def test_at_once_from_eight_threads(account: World, terms: dict[str, Any]) -> None:
    """One session for one value takes one value in, whoever is first."""
    cards = [{"type": "text", "value": f"value {n}"} for n in range(8)]
    by, before = session(account, types=["text"], **terms), stored_values(account)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda item: capture(account, by, item), cards))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7
    assert stored_values(account) == before + 1


def test_several_uses_at_once_take_no_more_than_there_are(account: World) -> None:
    """Of eight threads that each bring a value to a session for three, three get a token."""
    cards = [{"type": "text", "value": f"value {n}"} for n in range(8)]
    by = session(account, types=["text"], max_values=3, single_use=False)
    before = stored_values(account)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda item: capture(account, by, item), cards))
    assert sorted(answer.status for answer in answers) == [200] * 3 + [409] * 5
    assert stored_values(account) == before + 3


def test_the_same_body_at_once_gets_the_same_token(account: World) -> None:
    """A page that sends twice has not paid twice."""
    by, before = session(account), stored_values(account)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: capture(account, by, CARD), range(4)))
    assert len({answer.only["token"] for answer in answers}) == 1
    assert stored_values(account) == before + 1


def test_no_key_of_a_client_meets_that_of_a_session(account: World) -> None:
    """The id of a session, used as an Idempotency-Key, is another request."""
    by = session(account)
    named = urlsafe_b64decode(by.partition(".")[0] + "==").split(b'"')[1].decode()
    theirs = tokens(account.tokenize(CARD, idempotency_key=named))
    assert tokens(capture(account, by, OTHER_CARD)) != theirs
    assert tokens(account.tokenize(CARD, idempotency_key=named)) == theirs


def test_a_session_is_a_key_to_capturing_alone(account: World) -> None:
    """Every other route wants an access token, and `capture` takes none in place of a session."""
    with captured_lines() as lines:
        problem(capture(account, None, CARD), 401, "capture_session_invalid")
        token = {"scopes": ("capture",), "json_body": {"items": [CARD]}}
        answer = account.call("tokenize", "POST", "/v1/capture", "checkout", **token)
        problem(answer, 401, "capture_session_invalid")
        assert [line["code"] for line in lines()] == ["capture_session_invalid"] * 2


def test_cards_tell_what_the_policy_has_but_no_fingerprint(account: World) -> None:
    """Brand and BIN are for the page; a fingerprint compares cards, and is for the client."""
    written = with_capture()
    written["types"]["card_number"]["options"] |= {"brand": True, "bin_digits": 6, "fingerprint": True}
    with under(account, written):
        answer = capture(account, session(account), CARD)
        assert answer.only["card"] == {"brand": "visa", "bin": "411111"}
        assert "fingerprint" in account.facts(answer.only["token"]).body["card"]


def test_guesses_by_a_page_count_as_its_clients(account: World) -> None:
    """A deterministic type confirms a right guess: the client's budget holds, a refusal is on record."""
    written = policies.limited("shop", "checkout", deterministic_tokens_per_hour=1)
    with under(account, written):
        by = session(account, types=["card_known"], single_use=False, max_values=5)
        card = {**CARD, "type": "card_known"}
        assert tokens(capture(account, by, card))
        problem(capture(account, by, card), 429, "budget_exceeded")
    [event] = [event for event in account.events() if event["action"]["S"] == "capture"]
    assert event["refusal"]["S"] == "budget_exceeded"
