"""Every event of the audit trail is archived, however the stream tells it."""

import hashlib
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audit.archive import ArchiveObject, Archiver
from chalicelib.errors import StoreUnavailable
from tests.support.stream import as_json, record, records


class Bucket:
    """An archive in memory: the first object of a name stands, as in `archive_bucket`."""

    def __init__(self, failures: int = 0) -> None:
        self.objects: dict[str, bytes] = {}
        self._failures = failures

    def put(self, archived: ArchiveObject) -> None:
        if self._failures:
            self._failures -= 1
            raise StoreUnavailable("injected")
        self.objects.setdefault(archived.key, archived.body)

    @property
    def items(self) -> list[Any]:
        return [json.loads(line)["Item"] for body in self.objects.values() for line in body.splitlines()]


def event(number: int) -> dict[str, Any]:
    return as_json(
        {
            "pk": {"S": "shop#2026-11-25"},
            "sk": {"S": f"{number:06}"},
            "n": {"N": str(number)},
            "mac": {"B": bytes([number, 255])},
        }
    )


def test_a_batch_is_one_object_of_a_line_an_item() -> None:
    """Each line is what DynamoDB's own export would hold, under the day, the number and the digest."""
    bucket = Bucket()
    answer = Archiver(bucket).archive(records([event(1), event(2)])).answer()
    [(key, body)] = bucket.objects.items()
    assert body == b"".join(
        b'{"Item":' + json.dumps(event(n), separators=(",", ":"), sort_keys=True).encode() + b"}\n"
        for n in (1, 2)
    )
    assert key == f"2026/11/25/100-{hashlib.sha256(body).hexdigest()}.ndjson"
    assert answer == {"batchItemFailures": []}


@pytest.mark.parametrize("again", [2, 1, 3])
def test_a_batch_sent_again_loses_and_overwrites_nothing(again: int) -> None:
    """The same batch is the same object; a shorter or longer one that begins alike is another."""
    bucket, batch = Bucket(), records([event(n) for n in range(3)])
    Archiver(bucket).archive(batch[:2])
    before = dict(bucket.objects)
    Archiver(bucket).archive(batch[:again])
    assert before.items() <= bucket.objects.items()
    assert len(bucket.objects) == (1 if again == 2 else 2)
    assert {item["n"]["N"] for item in bucket.items} == {str(n) for n in range(max(again, 2))}


@given(st.integers(1, 40), st.integers(0, 6), st.integers(0, 2**32))
def test_every_event_arrives_whatever_fails(count: int, failures: int, seed: int) -> None:
    """Batches of any extent, failures, answers that are lost: all is told again, and all is there."""
    bucket, stream = Bucket(failures), records([event(n) for n in range(count)])
    archiver, position, chance = Archiver(bucket), 0, random.Random(seed)
    while position < count:
        batch = stream[position : position + chance.randint(1, 10)]
        failed = archiver.archive(batch).failed
        answer_lost = chance.random() < 0.2
        if failed is None and not answer_lost:
            position += len(batch)
    assert {item["n"]["N"] for item in bucket.items} == {str(n) for n in range(count)}


def test_a_failing_store_has_all_sent_again() -> None:
    """Nothing of the batch counts as archived, and Lambda is told to begin with its first record."""
    archived = Archiver(Bucket(failures=1)).archive(records([event(1), event(2)]))
    assert (archived.written, archived.failed) == (0, "100")
    assert archived.answer() == {"batchItemFailures": [{"itemIdentifier": "100"}]}


def test_a_record_without_its_item_stops_there() -> None:
    """What stands before it is archived; the rest is sent again, and ends where failures end."""
    bucket = Bucket()
    batch = [record(1, event(1)), record(2, None), record(3, event(3))]
    archived = Archiver(bucket).archive(batch)
    assert (archived.written, archived.failed) == (1, "2")
    assert bucket.items == [event(1)]


def test_changes_of_the_trail_are_counted() -> None:
    """An item overwritten is archived as it is now; one removed was archived before. Both are alarming."""
    bucket = Bucket()
    archived = Archiver(bucket).archive([record(1, event(1), "MODIFY"), record(2, None, "REMOVE")])
    assert (archived.written, archived.changed, archived.failed) == (1, 2, None)
    assert bucket.items == [event(1)]


def test_nothing_but_removals_is_no_object() -> None:
    """An empty object would say nothing."""
    bucket = Bucket()
    assert Archiver(bucket).archive([record(1, None, "REMOVE")]).failed is None
    assert bucket.objects == {}
