"""Which AWS calls each function makes: the same that its role may make (tests/infrastructure)."""

from chalicelib import wiring
from tests.infrastructure.test_applied import CALLS
from tests.support.world import World


def made(account: World) -> set[str]:
    """The calls since the last look, as IAM actions."""
    calls = {call.replace(".", ":", 1) for call in account.calls}
    account.calls.clear()
    return calls


def test_tokenizing_calls(account: World) -> None:
    """A container of the tokenizing function makes exactly the calls that its role allows."""
    account.services["tokenize"] = wiring.build(account.env("tokenize"), account.client, account.telemetry)
    card, text = {"type": "card_number", "value": "4111111111111111"}, {"type": "text", "value": "x"}
    token = account.tokenize(card, text).body["results"][0]["token"]
    account.facts(token)
    assert made(account) == CALLS["tokenize"]


def test_revealing_calls(account: World) -> None:
    """So does one of the revealing function."""
    tokens = [account.tokenize({"type": "text", "value": str(n)}).only["token"] for n in range(2)]
    made(account)
    account.services["reveal"] = wiring.build(account.env("reveal"), account.client, account.telemetry)
    account.detokenize(tokens[0])
    account.detokenize(*tokens)
    assert made(account) == CALLS["reveal"]


def test_maintenance_calls(account: World) -> None:
    """So does the maintenance function."""
    made(account)
    wiring.maintain(account.env("maintain"), account.client, account.telemetry, "shop")
    assert made(account) == CALLS["maintain"]


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
