"""Our clients send what botocore sends, where botocore would send it."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from chalicelib import aws


@pytest.fixture(params=["dynamodb", "kms"])
def sent(request: pytest.FixtureRequest) -> list[Any]:
    """What clients of a service would send, caught where botocore sends."""
    caught: list[Any] = []

    def catch(request: Any, **_: Any) -> AWSResponse:
        caught.append(request)
        return AWSResponse(request.url, 200, {}, Raw())

    for client in (aws.client(request.param, "eu-central-1"), plain(request.param)):
        client.meta.events.register_first("before-send", catch)
        _ask(client)
        _ask(client)
    return caught


def test_what_is_sent_is_what_botocore_sends(sent: list[Any]) -> None:
    """The same address, target and body as a plain client's, at the first call and the second."""
    ours, ours_again, theirs, _ = sent
    assert (ours.url, ours.body) == (theirs.url, theirs.body) == (ours_again.url, ours_again.body)
    for name in ("X-Amz-Target", "Content-Type"):
        assert ours.headers[name] == theirs.headers[name]


def test_a_bucket_has_an_address_of_its_own() -> None:
    """The endpoint of a client of S3 is not kept: it follows from the bucket."""
    caught: list[Any] = []
    client = aws.client("s3", "eu-central-1")

    def catch(request: Any, **_: Any) -> AWSResponse:
        caught.append(request.url)
        return AWSResponse(request.url, 200, {}, Raw(b""))

    client.meta.events.register_first("before-send", catch)
    for bucket in ("one", "another"):
        client.put_object(Bucket=bucket, Key="key", Body=b"")
    assert ["one" in caught[0], "another" in caught[1]] == [True, True]


def plain(service: str) -> Any:
    """A client with everything at its default."""
    return boto3.client(service, "eu-central-1")


class Raw:
    """A body as urllib3 hands it to botocore: an empty JSON object, or nothing at all."""

    def __init__(self, body: bytes = b"{}") -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._body


def _ask(client: Any) -> None:
    if client.meta.service_model.service_name == "kms":
        client.generate_mac(KeyId="key", Message=b"message", MacAlgorithm="HMAC_SHA_256")
    else:
        client.put_item(TableName="table", Item={"pk": {"S": "a"}, "value": {"B": b"bytes"}})
