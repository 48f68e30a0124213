"""Our clients send what botocore sends, where botocore would send it."""

from typing import Any

import boto3
import pytest

from chalicelib.aws import clients
from tests.unit.aws.conftest import Sent, answer

REGION = "eu-central-1"


@pytest.mark.parametrize("service", ["dynamodb", "kms"])
def test_what_is_sent_is_what_botocore_sends(sent: Sent, service: str) -> None:
    """The same address, body and signed headers as a plain client's, at the first call and the second."""
    for client in (clients.client(service, REGION), boto3.client(service, REGION)):
        _ask(client)
        _ask(client)
    ours, ours_again, theirs, _ = sent
    assert (ours.url, ours.body) == (theirs.url, theirs.body) == (ours_again.url, ours_again.body)
    for name in ("X-Amz-Target", "Content-Type", "X-Amz-Security-Token", "Content-Length"):
        assert _text(ours.headers[name]) == _text(theirs.headers[name])


def test_a_bucket_has_an_address_of_its_own(sent: Sent) -> None:
    """The endpoint of a client of S3 is not kept: it follows from the bucket."""
    client = clients.client("s3", REGION)
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
