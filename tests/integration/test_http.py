"""HTTP as callers speak it, and what a usage plan allows, through the whole stack."""

import http.client
import json
import time
from urllib.parse import urlsplit

from tests.support.running import Running

BODY = {"items": [{"type": "text", "value": "chunk by chunk"}]}
SCOPES = ["vault/tokenize"]


def test_a_chunked_request_is_carried_out(running: Running) -> None:
    """As streaming clients send it, under a scheme in lower case, with the next request on the connection."""
    headers = {
        "Authorization": f"bearer {running.access_token('checkout', SCOPES)}",
        "x-api-key": running.client("checkout")["api_key"],
        "Content-Type": "application/json",
    }
    connection = http.client.HTTPConnection(urlsplit(running.stack.places.url).netloc, timeout=30)
    for _ in range(2):
        raw = json.dumps(BODY).encode()
        connection.request(
            "POST", "/v1/tokenize", iter([raw[:10], raw[10:]]), headers=headers, encode_chunked=True
        )
        answer = connection.getresponse()
        assert answer.status == 200
        assert json.load(answer)["results"][0]["token"]
    connection.close()


def test_a_broken_length_is_a_problem_document(running: Running) -> None:
    """The gateway's own answer, with the API's words."""
    connection = http.client.HTTPConnection(urlsplit(running.stack.places.url).netloc, timeout=30)
    connection.putrequest("POST", "/v1/tokenize")
    connection.putheader("Content-Length", "abc")
    connection.endheaders(b"{}")
    answer = connection.getresponse()
    document = json.load(answer)
    assert answer.status == document["status"] == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (document["code"], "$" in document["request_id"]) == ("invalid_request", False)
    connection.close()


def test_a_client_is_throttled_as_its_usage_plan_says(running: Running) -> None:
    """The plan is looked at as it is now; another client of the plan goes on: limits are each key's."""
    gateway = running.stack.account.client("apigateway")
    keys = gateway.get_api_keys(includeValues=True, limit=500)["items"]
    [key] = [k["id"] for k in keys if k["value"] == running.client("privacy")["api_key"]]
    [plan] = gateway.get_usage_plans(keyId=key)["items"]

    def allow(rate: str, burst: str) -> None:
        changes = {"/throttle/rateLimit": rate, "/throttle/burstLimit": burst}
        operations = [{"op": "replace", "path": path, "value": value} for path, value in changes.items()]
        gateway.update_usage_plan(usagePlanId=plan["id"], patchOperations=operations)
        time.sleep(1.2)  # the gateway looks again after a second

    allow("0.1", "2")
    try:
        answers = [running.call("GET", "/v1/types", "privacy") for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 429, 429]
        assert answers[-1].body["code"] == "throttled"
        assert running.call("GET", "/v1/types", "checkout").status == 200
    finally:
        allow(str(plan["throttle"]["rateLimit"]), str(plan["throttle"]["burstLimit"]))
