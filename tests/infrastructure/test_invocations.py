"""What the runbooks do with functions, done on the applied stack."""

import json
from typing import Any

from local.processes import wait_until
from tests.support.running import Running


def invoked(running: Running, name: str, event: Any) -> Any:
    """`aws lambda invoke` of a function's alias."""
    answer = running.stack.account.client("lambda").invoke(
        FunctionName=running.stack.outputs["function_names"][name],
        Qualifier=running.stack.outputs["function_alias"],
        Payload=json.dumps(event).encode(),
    )
    payload = json.load(answer["Payload"])
    assert "FunctionError" not in answer, payload
    return payload


def test_the_maintenance_function_is_invoked_by_hand(running: Running) -> None:
    """As docs/operations.md has it, with and without an event."""
    assert invoked(running, "maintain", {})["made"] == []
    assert len(invoked(running, "maintain", {"rotate": "shop"})["ready"]) == 1


def test_a_function_that_fails_says_so(running: Running) -> None:
    """With the kind of its error, and nothing that the event held."""
    answer = running.stack.account.client("lambda").invoke(
        FunctionName=running.stack.outputs["function_names"]["archive"], Payload=b'{"secret": 1}'
    )
    assert answer["FunctionError"]
    payload = json.load(answer["Payload"])
    assert payload["errorType"] == "KeyError", payload


def test_the_archive_fills(running: Running) -> None:
    """What is on record comes into the bucket by itself, through the mapping that was deployed."""
    token = running.tokenize({"type": "text", "value": "archived"}).body["results"][0]["token"]
    running.detokenize(token)
    s3, bucket = running.stack.account.client("s3"), running.stack.outputs["audit_archive_bucket"]

    def archived() -> bool:
        objects = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        bodies = [s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read() for found in objects]
        return any(token.encode() in body for body in bodies)

    assert wait_until(archived, 30)


def test_the_schedule_is_the_deployed_one(running: Running) -> None:
    """The maintenance function is called at its rule's rate."""
    [work] = [work for work in running.stack._background_works() if work.name.endswith("-maintain")]
    assert work.seconds == 900
    assert work.do()["made"] == []
