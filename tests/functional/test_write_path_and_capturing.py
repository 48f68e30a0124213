"""What capture sessions give to an attacker: one who stole a session, one who read the tokenizing function's
memory once, and one who has taken it over (ADR 18)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.api.handler import respond
from chalicelib.api.routes import ROUTES
from chalicelib.auth.capture_sessions import base64url, parts, payload
from chalicelib.caller import CaptureSession
from chalicelib.crypto.context import PRF_PURPOSE, KeyContext
from chalicelib.crypto.kms import Kek
from chalicelib.crypto.prf import (
    PrfKey,
    card_mac_message,
    keyed_hash,
    mac_message,
    session_mac_message,
)
from chalicelib.crypto.record_cipher import parse_sealed
from chalicelib.vault.key_table import KeyTable
from tests.support import policies
from tests.support.answers import codes, problem, tokens
from tests.support.capturing import CARD, OTHER_CARD, SHOP, TEXT, capture, session, with_capture
from tests.support.held_keys import held
from tests.support.memory_graph import reachable
from tests.support.world import World, world

CONTEXT = KeyContext(policies.VAULT_ID, "shop", "prf")
FORGED = CaptureSession("f" * 22, "shop", "checkout", ("card_number",), SHOP, 100, False, None, 2_000_000_000)


@pytest.fixture(scope="module")
def account() -> Iterator[World]:
    with world(with_capture()) as made:
        yield made


def held_secrets(account: World, token: str) -> list[bytes]:
    """All that the function holds to make MACs of its own with, once it made this token."""
    wrapped = KeyTable(account.dynamodb, "keys").tenant_keys("shop").prf_keys[1]
    root = Kek(account.kms, account.index_kek).unwrap(wrapped.wrapped, CONTEXT.for_kms(PRF_PURPOSE))
    prf, key = PrfKey.of(CONTEXT, root), held(account, parse_sealed(account.stored(token)).key_id)
    return [
        root,
        prf.index_subkey,
        prf.request_subkey,
        prf.card_subkey,
        key.sign_subkey,
        key.mix_subkey,
    ]


def test_who_read_the_memory_once_makes_no_session(account: World) -> None:
    """No secret that the function ever holds is the key of a session's MAC; only KMS has that."""
    [token] = tokens(capture(account, session(account), CARD))
    signed = payload(FORGED)
    for secret in held_secrets(account, token):
        for message in (signed, session_mac_message(policies.VAULT_ID, signed)):
            text = f"{base64url(signed)}.{base64url(keyed_hash(secret, message))}"
            problem(capture(account, text, CARD), 401, "capture_session_invalid")


def test_no_derivation_is_a_session() -> None:
    """What KMS is asked for a value is never what it is asked for a session: the labels differ."""
    signed = payload(FORGED)
    session_message = session_mac_message(policies.VAULT_ID, signed)
    for other in (mac_message(CONTEXT, signed), card_mac_message(CONTEXT, signed)):
        assert session_message[:4] != other[:4]


def test_a_stolen_session_opens_no_other_route(account: World) -> None:
    """It stands for an access token at one route, and there it takes in and gives nothing out."""
    by = session(account)
    assert [route.name for route in ROUTES if route.takes_session] == ["capture"]
    made = tokens(capture(account, by, CARD))
    for route in (each for each in ROUTES if each.actions):
        function = str(route.function)
        options: dict[str, Any] = {"token": made[0], "subject": "p1", "approval": "a", "json_body": {}}
        asked = account.request(route.method, route.path, "checkout", **options)
        bare = type(asked)(**{**vars(asked), "claims": None, "capture_session": by, "origin": SHOP})
        answer = wiring_answer(account, function, bare)
        assert answer == 401, route.name


def wiring_answer(account: World, function: str, request: Any) -> int:
    """The status that a function answers a request with."""
    return respond(request, lambda: account.services[function], account.telemetry).status


def test_a_stolen_session_tells_nothing_of_what_came_in(account: World) -> None:
    """Who has it and not the card learns neither token nor mask: not before the page, and not after it."""
    by = session(account)
    first = capture(account, by, CARD)
    stolen = capture(account, by, OTHER_CARD)
    problem(stolen, 409, "capture_session_used")
    assert first.only["token"] not in str(stolen.body)
    early = session(account)
    assert codes(capture(account, early, OTHER_CARD)) == [None]
    problem(capture(account, early, CARD), 409, "capture_session_used")


def test_a_used_session_confirms_few_guesses(account: World) -> None:
    """Who has it, and knows BIN and last digits of the card, has a hundred thousand numbers left to try: the
    right one gets the token again. After twenty tries nobody gets anything, also with the very card."""
    by, other = session(account, types=["text"]), session(account, types=["text"])
    made = tokens(capture(account, by, TEXT))
    guesses = [{"type": "text", "value": f"guess {n}"} for n in range(20)]
    for guess in guesses[:-1]:
        problem(capture(account, by, guess), 409, "capture_session_used")
    assert tokens(capture(account, by, TEXT)) == made
    account.restart()
    last = [capture(account, by, item) for item in (guesses[-1], TEXT)]
    for answer in last:
        problem(answer, 409, "capture_session_used")
    assert len({answer.body["detail"] for answer in last}) == 1
    assert tokens(capture(account, other, TEXT))


def test_guesses_at_once_are_counted_each(account: World) -> None:
    """Forty at the same time find out no more than one after the other."""
    by = session(account, types=["text"])
    tokens(capture(account, by, TEXT))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: capture(account, by, TEXT), range(40)))
    assert sorted(answer.status for answer in answers) == [200] * 20 + [409] * 20


def test_a_capture_reads_no_record(account: World) -> None:
    """A random value is written by a condition and never looked up; KMS opens what tokenizing opens."""
    by = session(account)
    account.restart()
    account.calls.clear()
    read: list[str] = []

    def watch(name: str, given: dict[str, Any]) -> None:
        if name in {"dynamodb.Query", "dynamodb.BatchGetItem", "dynamodb.GetItem"}:
            read.append(str(given.get("TableName") or sorted(given["RequestItems"])))

    account.fault = watch
    tokens(capture(account, by, CARD))
    account.fault = None
    assert set(read) == {"keys"}
    assert {call for call in account.calls if call.startswith("kms.")} == {"kms.Decrypt", "kms.GenerateMac"}


def test_its_memory_keeps_neither_card_nor_mask_nor_session(account: World) -> None:
    """Nothing that is reachable from the function between requests holds them."""
    by = session(account)
    mask = capture(account, by, CARD).only["masked"]
    split = parts(by)
    assert split is not None
    held_parts = [part for part in reachable(account.services["tokenize"]) if isinstance(part, str | bytes)]
    raw = [part if isinstance(part, bytes) else part.encode() for part in held_parts]
    needles = (CARD["value"].encode(), mask.encode(), by.encode(), *split)
    assert not [part for part in raw if any(needle in part for needle in needles)]


def test_each_region_takes_a_session_once(account: World) -> None:
    """Its MAC is of a multi-Region key, so the other Region takes it too: a table of each notes its use."""
    for name in ("idempotency-west", "budgets-west"):
        account._table(name)  # as the other Region has it
    west = {"TOKENVAULT_IDEMPOTENCY_TABLE": "idempotency-west", "TOKENVAULT_BUDGETS_TABLE": "budgets-west"}
    elsewhere = wiring.build(account.env("tokenize") | west, account.client, account.telemetry)
    here = account.services["tokenize"]
    once, several = session(account), session(account, single_use=False)
    for service in (here, elsewhere):
        account.services["tokenize"] = service
        for by in (once, several):
            assert codes(capture(account, by, CARD)) == [None]
            problem(capture(account, by, OTHER_CARD), 409, "capture_session_used")
    account.services["tokenize"] = here
