"""Our clients send what botocore sends, where botocore would send it."""

import json
from typing import Any

import boto3
import pytest

from chalicelib.aws import clients
from tests.unit.aws.conftest import Sent, answer

REGION = "eu-central-1"
OUR_OWN = {"User-Agent", "Authorization", "X-Amz-Date", "Content-Length"}
COUNTS = {"amz-sdk-invocation-id", "amz-sdk-request"}


@pytest.mark.parametrize("service", ["dynamodb", "kms"])
def test_what_is_sent_is_what_botocore_sends(sent: Sent, service: str) -> None:
    """The same address, body and headers as a plain client's, at the first call and the second.

    But for its name, its counts of tries and the spaces in its JSON.
    """
    for client in (clients.client(service, REGION, fast_path=True), boto3.client(service, REGION)):
        _ask(client)
        _ask(client)
    *ours, theirs, _ = sent
    for request in ours:
        assert (request.url, request.method) == (theirs.url, theirs.method)
        assert json.loads(request.body) == json.loads(theirs.body)
        assert request.headers["Content-Length"] == str(len(request.body))
        headers = {name: _text(text) for name, text in request.headers.items() if name not in OUR_OWN}
        assert headers.items() <= {name: _text(text) for name, text in theirs.headers.items()}.items()
        assert headers.keys() == theirs.headers.keys() - OUR_OWN - COUNTS


def test_a_bucket_has_an_address_of_its_own(sent: Sent) -> None:
    """The endpoint of a client of S3 is not kept: it follows from the bucket."""
    client = clients.client("s3", REGION, fast_path=True)
    sent.answers = [answer(body=b""), answer(body=b"")]
    for bucket in ("one", "another"):
        client.put_object(Bucket=bucket, Key="key", Body=b"")
    assert ["one" in sent[0].url, "another" in sent[1].url] == [True, True]


def _text(header: str | bytes) -> str:
    return header.decode() if isinstance(header, bytes) else header


def _ask(client: Any) -> None:
    if client.meta.service_model.service_name == "kms":
        client.generate_mac(KeyId="key", Message=b"message", MacAlgorithm="HMAC_SHA_256")
    else:
        client.put_item(TableName="table", Item={"pk": {"S": "a"}, "value": {"B": b"bytes"}})
