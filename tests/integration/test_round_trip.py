"""Over HTTP, through the verifying gateway, on infrastructure that our Terraform applied."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.support.faults import dumps
from tests.support.running import Running

CARD = "4111111111111111"
TEXT = "a text of the integration tests"


@pytest.mark.parametrize(
    ("kind", "value", "canonical"), [("card_number", "4111 1111 1111 1111", CARD), ("text", TEXT, TEXT)]
)
def test_values_go_in_and_come_back(running: Running, kind: str, value: str, canonical: str) -> None:
    """A value of each type is tokenized by one client and detokenized by another."""
    made = running.tokenize({"type": kind, "value": value})
    assert made.status == 200
    token = made.body["results"][0]["token"]
    assert canonical not in token
    revealed = running.detokenize(token)
    assert revealed.body["results"] == [{"token": token, "type": kind, "value": canonical}]


def test_no_plaintext_lies_in_any_table_or_log(running: Running) -> None:
    """After a round trip neither a table nor a log file holds the value."""
    token = running.tokenize({"type": "card_number", "value": CARD}, {"type": "text", "value": TEXT}).body[
        "results"
    ][0]["token"]
    assert running.detokenize(token).body["results"][0]["value"] == CARD
    dynamodb = running.stack.account.client("dynamodb")
    for name, table in running.stack.outputs["tables"].items():
        raw = dumps(dynamodb.scan(TableName=table)["Items"])
        assert len(raw) > 100 or name in ("budgets", "idempotency", "subjects"), name
        assert CARD not in raw
        assert TEXT not in raw
    said = [running.log(function) for function in ("tokenize", "reveal", "maintain")]
    assert all(said)
    said += [file.read_text(errors="replace") for file in Path(running.stack.places.logs).glob("*.log")]
    for log in said:
        assert CARD not in log
        assert TEXT not in log


def test_every_reveal_is_on_record(running: Running) -> None:
    """A detokenize request leaves one audit item with who, what and why, under the answer's request id."""
    token = running.tokenize({"type": "card_number", "value": CARD}).body["results"][0]["token"]
    running.detokenize(token)
    table = running.stack.outputs["tables"]["audit"]
    events = running.stack.account.client("dynamodb").scan(TableName=table)["Items"]
    [event] = [event for event in events if token in dumps(event)]
    assert event["client"]["S"] == "settlement"
    assert event["purpose"]["S"] == "refund"
    assert event["outcomes"]["L"][0]["M"]["outcome"]["S"] == "revealed"


def test_facts_and_types(running: Running) -> None:
    """Facts tell no value; the list of types is answered to any access token."""
    token = running.tokenize({"type": "card_number", "value": CARD}).body["results"][0]["token"]
    facts = running.call("GET", f"/v1/tokens/{token}", "checkout", ["vault/read"])
    assert (facts.status, facts.body["type"]) == (200, "card_number")
    assert "value" not in facts.body
    for client in ("checkout", "settlement", "support", "privacy", "intake"):
        listed = running.call("GET", "/v1/types", client)
        assert [entry["type"] for entry in listed.body["types"]] == [
            "card_number",
            "email",
            "member_card",
            "note",
            "text",
        ]


def test_tenants_are_apart(running: Running) -> None:
    """A tenant that detokenizes another's token is told that there is none."""
    token = running.tokenize({"type": "card_number", "value": CARD}).body["results"][0]["token"]
    body = {"items": [{"token": token}], "purpose": "treatment"}
    answer = running.call("POST", "/v1/detokenize", "intake", ["vault/detokenize"], body)
    assert answer.body["results"][0]["error"]["code"] == "token_not_found"


def test_sixteen_callers_at_once(running: Running) -> None:
    """Sixteen threads each get tokens of their own, and their own values back."""
    cards = [f"55555555{number:07d}" for number in range(16)]
    valid = [card + next(str(d) for d in range(10) if _luhn(card + str(d))) for card in cards]
    with ThreadPoolExecutor(16) as pool:
        tokens = list(
            pool.map(
                lambda card: running.tokenize({"type": "card_number", "value": card}).body["results"][0][
                    "token"
                ],
                valid,
            )
        )
        values = list(pool.map(lambda token: running.detokenize(token).body["results"][0]["value"], tokens))
    assert values == valid
    assert len(set(tokens)) == 16


def test_the_written_facts_are_enough_for_another_program(running: Running) -> None:
    """`stack.env` and `clients.json` hold what a client needs, the secrets for this user only."""
    state = running.stack.places.state
    facts = dict(line.split("=", 1) for line in (state / "stack.env").read_text().splitlines())
    assert facts["TOKENVAULT_URL"] == running.stack.places.url
    assert {"TOKENVAULT_TOKEN_URL", "AWS_ENDPOINT_URL", "TOKENVAULT_VAULT_TABLE"} <= set(facts)
    of_receipts = load_der_public_key((state / "receipts.der").read_bytes())
    assert isinstance(of_receipts, EllipticCurvePublicKey)
    clients = state / "clients.json"
    assert clients.stat().st_mode & 0o077 == 0
    services = {"name", "tenant", "client_id", "client_secret", "api_key", "api_keys", "scopes"}
    people = {"name", "tenant", "client_id", "callback_urls", "scopes"}
    written = {client["name"]: set(client) for client in json.loads(clients.read_text())}
    assert written.pop("desk") == people
    assert written
    assert all(names == services for names in written.values())


def _luhn(digits: str) -> bool:
    doubled = [
        sum(divmod(2 * int(d), 10)) if place % 2 else int(d) for place, d in enumerate(reversed(digits))
    ]
    return sum(doubled) % 10 == 0
