"""The archiving function over an emulated bucket: what the revealing function records is kept for good."""

import base64
import hashlib
import json
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

import app as table_of_contents
from chalicelib import wiring
from chalicelib.audit.archive import Archiver
from tests.support.faults import DYNAMODB_FAULTS, client_error
from tests.support.logs import captured_lines
from tests.support.role_calls import CALLS
from tests.support.stream import as_json, records
from tests.support.world import REGION, World

ENV = {"AWS_REGION": REGION, "TOKENVAULT_FUNCTION": "archive"}


@pytest.fixture
def s3(account: World) -> Iterator[Any]:
    """The bucket, versioned and locked."""
    client = boto3.client("s3", REGION)
    # No other account may have a bucket of the name, the one of the last test neither.
    client.create_bucket(Bucket=f"archive-{uuid.uuid4()}", ObjectLockEnabledForBucket=True)
    yield client
    wiring.archiver.cache_clear()
    wiring.telemetry.cache_clear()


@pytest.fixture
def archiver(account: World, s3: Any) -> Archiver:
    """The archiver of one container, its calls noted."""
    return wiring.build_archiver(environment(s3), account.client)


def bucket(s3: Any) -> str:
    """The one that there is."""
    [made] = s3.list_buckets()["Buckets"]
    return str(made["Name"])


def environment(s3: Any) -> dict[str, str]:
    """What the function is given."""
    return {**ENV, "TOKENVAULT_ARCHIVE_BUCKET": bucket(s3)}


def after_a_reveal(account: World) -> list[dict[str, Any]]:
    """What the audit table's stream tells after a reveal."""
    token = account.tokenize({"type": "text", "value": "x"}).only["token"]
    account.detokenize(token)
    account.calls.clear()
    return records(account.events())


def bodies(s3: Any) -> list[bytes]:
    """All versions of all objects."""
    name = bucket(s3)
    versions = s3.list_object_versions(Bucket=name).get("Versions", [])
    return [
        s3.get_object(Bucket=name, Key=version["Key"], VersionId=version["VersionId"])["Body"].read()
        for version in versions
    ]


def test_a_reveal_is_archived(account: World, s3: Any, archiver: Archiver) -> None:
    """The archive's line is the audit item, and S3 holds the checksum that its name says."""
    events = after_a_reveal(account)
    assert archiver.archive(events).written == len(events)
    [body] = bodies(s3)
    assert [json.loads(line) for line in body.splitlines()] == [
        {"Item": as_json(item)} for item in account.events()
    ]
    [listed] = s3.list_objects_v2(Bucket=bucket(s3))["Contents"]
    checksum = s3.head_object(Bucket=bucket(s3), Key=listed["Key"], ChecksumMode="ENABLED")["ChecksumSHA256"]
    assert base64.b64decode(checksum) == hashlib.sha256(body).digest()
    assert hashlib.sha256(body).hexdigest() in listed["Key"]


def test_a_batch_told_twice_is_one_version(account: World, s3: Any, archiver: Archiver) -> None:
    """What stands already is left as it is, and that is success."""
    events = after_a_reveal(account)
    assert archiver.archive(events) == archiver.archive(events)
    assert len(bodies(s3)) == 1


def test_the_archiver_makes_one_call(account: World, archiver: Archiver) -> None:
    """It writes, and reads nothing: exactly what its role allows."""
    archiver.archive(after_a_reveal(account))
    assert {call.replace(".", ":", 1) for call in account.calls} == CALLS["archive"]


S3_FAULTS = {**DYNAMODB_FAULTS, "locked away": client_error("KMS.DisabledException", 400)}


@pytest.mark.parametrize("error", S3_FAULTS.values(), ids=S3_FAULTS.keys())
def test_a_failing_bucket_has_the_batch_sent_again(
    account: World, s3: Any, archiver: Archiver, error: Exception
) -> None:
    """The function does not fail: it says from where on it wants the records again, and has them then."""
    events = after_a_reveal(account)
    account.fault = lambda name, parameters: error if name == "s3.PutObject" else None
    assert archiver.archive(events).failed == events[0]["dynamodb"]["SequenceNumber"]
    account.fault = None
    assert archiver.archive(events).failed is None
    assert len(bodies(s3)) == 1


def test_the_handler_archives_and_counts(account: World, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`app.archive` with Lambda's event; its metrics carry counts under its own name."""
    events = after_a_reveal(account)
    for name, value in environment(s3).items():
        monkeypatch.setenv(name, value)
    wiring.telemetry.cache_clear()
    with captured_lines() as lines:
        assert table_of_contents.archive({"Records": events}, None) == {"batchItemFailures": []}
        [counted] = [line for line in lines() if "EventsArchived" in line]
    assert len(bodies(s3)) == 1
    assert counted["function"] == "archive"
    assert counted["EventsArchived"] == len(events)
    assert not counted.keys() & {"ArchiveFailed", "AuditItemsChanged"}


def test_a_bucket_that_is_not_set_is_named(account: World) -> None:
    """Every missing setting is reported by its name."""
    with pytest.raises(wiring.ConfigurationError) as raised:
        wiring.build_archiver({}, account.client)
    assert raised.value.problems == (
        "AWS_REGION is not set",
        "TOKENVAULT_ARCHIVE_BUCKET is not set",
    )
