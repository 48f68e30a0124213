"""A call that goes well is sent once by the fast path; one that does not is botocore's, tries and errors."""

import json
import zlib
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from chalicelib.aws import clients
from tests.unit.aws.conftest import Sent, answer

REGION = "eu-central-1"
URL = f"https://dynamodb.{REGION}.amazonaws.com/"
THROTTLED = json.dumps({"__type": "x#ThrottlingException", "message": "slow down"}).encode()
TAKEN = json.dumps(
    {"__type": "x#ConditionalCheckFailedException", "message": "no", "Item": {"pk": {"S": "a"}}}
).encode()


@pytest.fixture(params=["first call", "later call"])
def client(sent: Sent, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
    """A client of ours that waits for nothing, new or with a call behind it."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    made = clients.client("dynamodb", REGION, fast_path=True)
    if request.param == "later call":
        put(made)
        sent.clear()
    return made


def put(client: Any) -> Any:
    return client.put_item(TableName="table", Item={"pk": {"S": "a"}}, ReturnValues="ALL_OLD")


def by_botocore(sent: Sent) -> list[bool]:
    """Of each request, whether botocore itself made it: it numbers its tries."""
    return ["amz-sdk-request" in request.headers for request in sent]


def test_a_call_that_goes_well_is_sent_once(client: Any, sent: Sent) -> None:
    """And its answer is parsed as botocore parses it."""
    body = b'{"Attributes": {"old": {"B": "eA=="}}}'
    sent.answers = [answer(body=body, x_amz_crc32=str(zlib.crc32(body)))]
    assert put(client)["Attributes"] == {"old": {"B": b"x"}}
    assert by_botocore(sent) == [False]


def test_an_answer_that_is_no_json_is_parsed_by_botocore(client: Any, sent: Sent) -> None:
    """There is nothing in it."""
    sent.answers = [answer(body=b"<html>")]
    assert "Attributes" not in put(client)


def test_an_error_is_raised_as_botocore_raises_it(client: Any, sent: Sent) -> None:
    """With the item that stands in the way; it is not asked twice."""
    sent.answers = [answer(400, TAKEN)]
    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as raised:
        put(client)
    assert raised.value.response["Item"] == {"pk": {"S": "a"}}
    assert by_botocore(sent) == [False]


@pytest.mark.parametrize(
    "first",
    [
        answer(400, THROTTLED),
        answer(503),
        answer(body=b"{}", x_amz_crc32="1"),
        EndpointConnectionError(endpoint_url=URL),
        ConnectTimeoutError(endpoint_url=URL),
    ],
    ids=["throttled", "unavailable", "broken on the way", "no connection", "no answer"],
)
def test_what_may_pass_is_tried_again_by_botocore(client: Any, sent: Sent, first: Any) -> None:
    """Once the next try goes well, so has the call."""
    sent.answers = [first]
    assert put(client)["ResponseMetadata"]["RetryAttempts"] == 1
    assert by_botocore(sent) == [False, True]


@pytest.mark.parametrize("kind", ["throttled", "no connection"])
def test_there_are_as_many_tries_as_were_asked_for(client: Any, sent: Sent, kind: str) -> None:
    """Three in all, and then botocore's own error."""
    throttled = kind == "throttled"
    sent.answers = [answer(400, THROTTLED) if throttled else EndpointConnectionError(endpoint_url=URL)] * 5
    with pytest.raises(ClientError if throttled else EndpointConnectionError):
        put(client)
    assert by_botocore(sent) == [False, True, True]
    assert len(sent.answers) == 2


def test_good_calls_give_back_what_retries_took_of_the_quota(client: Any, sent: Sent) -> None:
    """After a bad minute and many good calls, a failing one is tried three times, as before that minute."""
    failing_calls(client, sent, 25)
    sent.clear()
    failing_calls(client, sent, 1)
    assert len(sent) == 1, "the quota is not used up"
    for _ in range(500):
        put(client)
    sent.clear()
    failing_calls(client, sent, 17)
    assert len(sent) == 17 * 3


def failing_calls(client: Any, sent: Sent, count: int) -> None:
    sent.answers = [EndpointConnectionError(endpoint_url=URL)] * count * 3
    for _ in range(count):
        with pytest.raises(EndpointConnectionError):
            put(client)
    sent.answers = []


def test_only_after_a_retry_are_good_calls_told_to_botocore(client: Any, sent: Sent) -> None:
    """A unit of quota each, until it is full whatever the retry took."""
    put(client)
    emitted: list[Any] = []
    client.meta.events.register("after-call", lambda parsed, model, **_: emitted.append((model.name, parsed)))
    put(client)
    assert emitted == []
    sent.answers = [EndpointConnectionError(endpoint_url=URL)]
    put(client)
    emitted.clear()
    answers = [put(client) for _ in range(501)]
    assert emitted == [("PutItem", parsed) for parsed in answers[:500]]


def test_what_came_of_one_call_is_not_told_another(client: Any, sent: Sent) -> None:
    """A call after a failed one starts anew."""
    sent.answers = [answer(400, TAKEN)]
    with pytest.raises(ClientError):
        put(client)
    put(client)
    assert len(sent) == 2


def test_somebody_who_answers_for_aws_is_asked_first(client: Any, sent: Sent) -> None:
    """An emulator within the process registers with `before-send`, and nothing leaves it."""
    seen = []
    client.meta.events.register("before-send", lambda request, **_: seen.append(request.url) or answer())
    put(client)
    assert (seen, list(sent)) == ([URL], [])


@pytest.mark.parametrize("url", ["https://example.org/behind/a/path", "https://example.org/?with=a+query"])
def test_another_address_than_a_bare_host_is_botocores(
    sent: Sent, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """The short signature is of a POST to `/` alone."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
    put(clients.client("dynamodb", REGION, fast_path=True))
    assert by_botocore(sent) == [True]


def test_credentials_are_those_of_the_moment(sent: Sent, client: Any) -> None:
    """They are asked for anew at each call, so a role's may change."""
    put(client)
    client._request_signer._credentials.access_key = "another"
    put(client)
    assert ["AKIDEXAMPLE/" in _authorization(sent[0]), "another/" in _authorization(sent[1])] == [True, True]


def _authorization(request: Any) -> str:
    header = request.headers["Authorization"]
    return header.decode() if isinstance(header, bytes) else str(header)


def test_each_call_has_the_trace_of_the_request_at_hand(
    client: Any, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within Lambda, as botocore adds it; none is kept for the next request."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "tokenize")
    for trace in ("Root=1-5759e988-bd86", "Root=1-5759e988-bd87"):
        monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
        put(client)
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    put(client)
    traces = [request.headers.get("X-Amzn-Trace-Id") for request in sent]
    assert traces == ["Root=1-5759e988-bd86", "Root=1-5759e988-bd87", None]


def test_what_has_no_utf_8_is_botocores(client: Any, sent: Sent) -> None:
    """Half of a surrogate pair goes over the wire escaped, and AWS says what it thinks of it."""
    put(client)
    sent.clear()
    client.put_item(TableName="table", Item={"pk": {"S": "\ud800"}})
    assert json.loads(sent[0].body)["Item"] == {"pk": {"S": "\ud800"}}


def test_a_token_that_botocore_draws_for_a_call_is_drawn_for_each(client: Any, sent: Sent) -> None:
    """Such calls are prepared by botocore every time."""
    for _ in range(2):
        client.transact_write_items(TransactItems=[])
    first, second = (json.loads(request.body)["ClientRequestToken"] for request in sent)
    assert first != second


def test_an_endpoint_that_wants_another_signature_is_botocores(sent: Sent) -> None:
    """DynamoDB's local one is signed for us-east-1, whatever it is called."""
    put(clients.client("dynamodb", "local", fast_path=True))
    assert by_botocore(sent) == [True]


@pytest.mark.parametrize("service", ["dynamodb", "kms"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"])
def test_the_short_way_is_open_in_every_partition(sent: Sent, service: str, region: str) -> None:
    """No endpoint of AWS's own wants more than it can do."""
    made = clients.client(service, region, fast_path=True)
    put(made) if service == "dynamodb" else made.generate_random(NumberOfBytes=1)
    assert by_botocore(sent) == [False]
