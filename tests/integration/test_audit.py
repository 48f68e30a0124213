"""On the running stack: what it recorded verifies, and a budget holds."""

from tokenvault_client.audit import KmsKeys, verify_table

from tests.support.running import Running

MASKED = ["vault/detokenize.masked"]


def test_what_the_stack_recorded_verifies(running: Running) -> None:
    """Every event that any of these tests caused, read from the table and unwrapped through KMS."""
    token = running.tokenize({"type": "text", "value": "audited"}).body["results"][0]["token"]
    assert running.detokenize(token).status == 200
    outputs = running.stack.outputs
    report = verify_table(
        running.stack.account.client("dynamodb"),
        outputs["tables"]["audit"],
        vault_id=outputs["vault_id"],
        unwrap=KmsKeys(running.stack.account.client("kms"), outputs["audit_key_arn"]),
    )
    assert report.findings == []
    assert report.events > 0


def test_a_batch_over_the_budget_is_refused_whole(running: Running) -> None:
    """Support may reveal 90 an hour: 91 at once never fit, one goes, and 90 more have to wait."""
    token = running.tokenize({"type": "text", "value": "some text"}).body["results"][0]["token"]
    body = {"items": [{"token": token}] * 91, "reveal": "masked"}
    refused = running.call("POST", "/v1/detokenize", "support", MASKED, body)
    assert (refused.status, refused.body["code"]) == (429, "budget_exceeded")
    assert "retry_after" not in refused.body
    one = running.call("POST", "/v1/detokenize", "support", MASKED, {**body, "items": body["items"][:1]})
    assert one.status == 200
    late = running.call("POST", "/v1/detokenize", "support", MASKED, {**body, "items": body["items"][:90]})
    assert (late.status, late.body["code"]) == (429, "budget_exceeded")
    assert 1 <= late.body["retry_after"] <= 3600


def test_a_canary_sets_the_alarm_off(running: Running) -> None:
    """It answers as any unknown token; the metric and the request's event tell of it."""
    canary = "4000000000000028"
    [answered] = running.detokenize(canary).body["results"]
    [unknown] = running.detokenize("4000000000000036").body["results"]
    assert answered == unknown
    assert '"CanaryRevealed":1' in running.log("reveal")
    dynamodb = running.stack.account.client("dynamodb")
    events = dynamodb.scan(TableName=running.stack.outputs["tables"]["audit"])["Items"]
    [told] = [event for event in events if "canaries" in event]
    assert told["canaries"] == {"L": [{"S": canary}]}
    assert told["client"]["S"] == "settlement"
