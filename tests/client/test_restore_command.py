"""`tokenvault restore reconcile`: what a restore brought back is erased again, and shown to be."""

import io
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from tokenvault_client.audit import Erasures
from tokenvault_client.cli.arguments import parser
from tokenvault_client.cli.exits import Exit, UsageError
from tokenvault_client.cli.restoring import erase_again, refuse_retired
from tokenvault_client.cli.session import Session
from tokenvault_client.errors import Unavailable

from tests.client import tool
from tests.client.service import Answer, Seen, Service, problem
from tests.support.running import Running

KEY = "arn:aws:kms:us-east-1:123456789012:key/mrk-1"
RECONCILE = ["restore", "reconcile", "--tenant", "clinic", "--yes"]
GONE = problem(404, "token_not_found")
TOKENS = int(os.environ.get("RESTORED_TOKENS", "40"))
PERSONS = tuple(f"restored-{number}" for number in range(int(os.environ.get("RESTORED_PERSONS", "1"))))
"""How much a restore brings back: more of it by night."""


def session(out: io.StringIO) -> Session:
    """A run with this output."""
    return Session({}, None, out, io.StringIO(), interactive=False, as_json=False)


def paths(service: Service) -> list[str]:
    """What it was asked."""
    return sorted(f"{seen.method} {seen.path}" for seen in service.seen)


def rows(running: Running, tokens: list[str]) -> list[dict[str, Any]]:
    """Everything that the vault holds under tokens of the clinic."""
    vault, dynamodb = running.stack.outputs["tables"]["vault"], running.stack.account.client("dynamodb")
    query = {"TableName": vault, "KeyConditionExpression": "pk = :pk", "ConsistentRead": True}
    return [
        item
        for token in tokens
        for item in dynamodb.query(**query, ExpressionAttributeValues={":pk": {"S": f"clinic#{token}"}})[
            "Items"
        ]
    ]


def restore(running: Running, tokens: list[str], items: list[dict[str, Any]]) -> None:
    """The state of a moment: these items, and nothing that was written since."""
    vault, dynamodb = running.stack.outputs["tables"]["vault"], running.stack.account.client("dynamodb")
    for item in rows(running, tokens):
        dynamodb.delete_item(TableName=vault, Key={"pk": item["pk"], "sk": item["sk"]})
    for item in items:
        dynamodb.put_item(TableName=vault, Item=item)


def tokenized(running: Running, items: list[dict[str, str]]) -> list[str]:
    """A new token for each, of the clinic."""
    scopes = ["vault/tokenize"]
    answers = [
        running.call("POST", "/v1/tokenize", "intake", scopes, {"items": items[n : n + 100]})
        for n in range(0, len(items), 100)
    ]
    return [entry["token"] for answer in answers for entry in answer.body["results"]]


def detokenized(running: Running, tokens: list[str]) -> list[str | None]:
    """The value of each token, None where there is none."""
    bodies = [
        {"items": [{"token": token} for token in tokens[n : n + 100]], "purpose": "treatment"}
        for n in range(0, len(tokens), 100)
    ]
    answers = [
        running.call("POST", "/v1/detokenize", "intake", ["vault/detokenize"], body) for body in bodies
    ]
    return [entry.get("value") for answer in answers for entry in answer.body["results"]]


def erase(running: Running, tokens: list[str]) -> None:
    """One after the other, a few at once."""

    def closed(token: str) -> int:
        return running.call("DELETE", f"/v1/tokens/{token}", "intake", ["vault/erase"]).status

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(closed, tokens)) == {204}


def receipts(running: Running) -> list[str]:
    """Erases the persons; the receipt of each."""
    paths = [f"/v1/subjects/{person}" for person in PERSONS]
    return [running.call("DELETE", path, "intake", ["vault/erase"]).body["receipt"] for path in paths]


def trail_of(running: Running) -> tuple[dict[str, str], list[str]]:
    """What the tool needs to read the trail of the stack and to act as the clinic, and its options."""
    aws, outputs = running.stack.account, running.stack.outputs
    aliases = aws.client("kms").list_aliases()["Aliases"]
    [alias] = [found for found in aliases if found["AliasName"].endswith("-audit")]
    key = aws.client("kms").describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]["Arn"]
    options = ["--vault-id", outputs["vault_id"], "--kms-key", key, "--table", outputs["tables"]["audit"]]
    return {**aws.environment, **running.environment("intake")}, options


def test_a_restored_vault_on_the_running_stack(running: Running) -> None:
    """Tokens and persons that were erased and brought back are erased by one command; another token stays."""
    items = [{"type": "text", "value": f"v{n}"} for n in range(TOKENS + 1)]
    items += [{"type": "text", "value": f"p{n}", "subject": person} for person in PERSONS for n in range(3)]
    tokens = tokenized(running, items)
    kept, erased, of_persons = tokens[:1], tokens[1 : TOKENS + 1], tokens[TOKENS + 1 :]
    moment, copies = datetime.now(UTC), rows(running, tokens)
    erase(running, erased)
    before = receipts(running)
    restore(running, tokens, copies)
    values = [f"v{n}" for n in range(TOKENS + 1)]
    assert detokenized(running, kept + erased) == values, "the restore brought them back"
    assert set(detokenized(running, of_persons)) == {None}, "subjects are not restored"

    env, trail = trail_of(running)
    # Another test may have moved tokens of the clinic to another PRF key a moment ago, and retired its own.
    since = ["--retired-too", "--since", moment.isoformat()]
    ended = tool.run(env, *RECONCILE, *since, *trail, "--json", seconds=60 + TOKENS)
    assert (ended.code, ended.err) == (0, ""), ended
    shown = {found["token"] for found in ended.objects if found.get("closed")}
    assert set(erased) <= shown
    assert ended.objects[-1]["reconciled"]["open"] == 0
    assert ended.objects[-1]["reconciled"]["closed"] >= TOKENS
    assert detokenized(running, tokens) == ["v0"] + [None] * (len(tokens) - 1)
    assert receipts(running) == before, "the receipts are still true"


def test_a_trail_that_does_not_verify_erases_nothing(service: Service) -> None:
    """Whoever could write into the trail would have tokens erased, or left open."""
    aws = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    trail = ["--vault-id", "a-vault", "--kms-key", KEY, "--since", "2026-01-01"]
    ended = tool.run({**aws, **service.environment()}, *RECONCILE, *trail, stdin='{"Item": {}}\n')
    assert ended.code == Exit.NOT_VERIFIED
    assert "nothing was erased" in ended.err
    assert service.seen == []


def test_retired_tokens_are_asked_about() -> None:
    """Where values got other tokens since: a restored vault lacks those, so it has to be said who retired."""
    erasures = Erasures("clinic", datetime.now(UTC))
    options = ["--since", "2026-01-01", "--vault-id", "a-vault", "--kms-key", KEY]
    refuse_retired(erasures, parser().parse_args([*RECONCILE, *options]))
    erasures.has_moves = True
    with pytest.raises(UsageError, match="--not-by"):
        refuse_retired(erasures, parser().parse_args([*RECONCILE, *options]))
    for more in (["--not-by", "retirer"], ["--retired-too"]):
        refuse_retired(erasures, parser().parse_args([*RECONCILE, *options, *more]))


def test_each_is_erased_and_then_asked_for(service: Service) -> None:
    """Once each; the token that still answers is named, and makes the run fail."""
    out = io.StringIO()

    def usual(seen: Seen) -> Answer:
        if seen.method == "DELETE":
            return Answer(204) if "/tokens/" in seen.path else service_usual(seen)
        return service_usual(seen) if seen.path.endswith("/b") else GONE

    service_usual, service.usual = service.usual, usual
    with service.client() as client:
        ended = erase_again(session(out), client, ["a", "b", "c"], ["p1"])
    assert ended is Exit.SOME_FAILED
    assert paths(service) == [
        "DELETE /v1/subjects/p1",
        *(f"DELETE /v1/tokens/{token}" for token in "abc"),
        *(f"GET /v1/tokens/{token}" for token in "abc"),
    ]
    assert out.getvalue().splitlines()[:3] == ["closed a", "STILL OPEN b", "closed c"]


def test_a_client_that_may_not_read_has_not_shown_it(service: Service) -> None:
    """All are erased, and the run ends as one that could not be checked."""
    service.script.extend([Answer(204), problem(403, "not_permitted")])
    out = io.StringIO()
    with service.client(parallel=1) as client:
        assert erase_again(session(out), client, ["a"], []) is Exit.NOT_CHECKED
    assert paths(service) == ["DELETE /v1/tokens/a", "GET /v1/tokens/a"]


def test_an_error_ends_the_run(service: Service) -> None:
    """What is left is erased by another run; nothing is said to be closed."""
    service.script.extend([problem(503, "store_unavailable")] * 4)
    out = io.StringIO()
    with service.client(parallel=1) as client, pytest.raises(Unavailable):
        erase_again(session(out), client, ["a"], [])
    assert out.getvalue() == ""


def test_nothing_to_erase_is_done_at_once(service: Service) -> None:
    """No request."""
    out = io.StringIO()
    with service.client() as client:
        assert erase_again(session(out), client, [], []) is Exit.OK
    assert service.seen == []
