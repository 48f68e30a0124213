"""Runs that end early, twice or at once give all of it once."""

import json
import random
from contextlib import suppress
from typing import Any

import pytest
from tokenvault_client.errors import (
    Unavailable,
)

from bulklib.errors import Failed
from bulklib.export_carrying import Carried
from bulklib.export_pieces import Pieces
from tests.functional.bulk_exports.over_s3 import TEXTS, VALUES, seconds, values
from tests.support.bulk_account import refusal
from tests.support.bulk_exports import BulkExports


@pytest.mark.parametrize("parts", [1, 2, 16])
def test_all_of_it_by_parts(made: BulkExports, parts: int) -> None:
    """A file for each part, which the second reader opens; the manifest has versions, sizes and digests."""
    job = made.begin(parts=parts)
    made.carry(job)
    finished = made.steps.finish(job)
    assert values(made.opened(job)) == VALUES
    assert finished == {"manifest": job.manifest, "tokens": TEXTS, "failed": 0}
    written = json.loads(made.get(job.manifest))
    assert (written["version"], written["export_id"], written["tokens"]) == (1, job.export_id, TEXTS)
    assert len(written["parts"]) == parts
    for number, entry in enumerate(written["parts"], 1):
        head = made.s3.head_object(Bucket=made.bucket, Key=entry["key"], VersionId=entry["version_id"])
        assert (head["ContentLength"], head["ETag"], entry["part"]) == (entry["size"], entry["etag"], number)
        assert job.place in entry["key"]
        assert len(entry["sha256"]) == 64


def test_it_is_done_in_runs(made: BulkExports) -> None:
    """A run ends before its time does, and the next one goes on; the file is made by a run of its own."""
    job = made.begin()
    runs = list[Carried]()
    while not runs or not runs[-1].done:
        before = made.pages()
        runs.append(made.run(job, 1, seconds(2)))
        assert made.pages() - before == runs[-1].pages <= 2
    assert len(runs) > 3
    assert [run.walked for run in runs] == sorted(run.walked for run in runs)
    made.carry(job)
    assert values(made.opened(job)) == VALUES
    assert sum(run.tokens for run in runs) == counted(made, job, 1)


def counted(made: BulkExports, job: Any, number: int) -> int:
    head = made.s3.head_object(Bucket=made.bucket, Key=job.file(number))
    return int(head["Metadata"]["tokens"])


def test_a_part_that_is_asked_for_twice(made: BulkExports) -> None:
    """What is there stays as it is, version and all, and no page is asked for."""
    job = made.begin()
    made.carry(job)
    before, version = made.pages(), made.objects.find(job.file(1))
    assert made.run(job, 1) == Carried(done=True)
    assert (made.pages(), made.objects.find(job.file(1))) == (before, version)


def test_a_page_whose_answer_was_lost(made: BulkExports) -> None:
    """Lambda lost it after the work: the page is asked for again, and stands in the file once."""
    job = made.begin()
    made.giving.lost = lambda number, event: refusal("ServiceException", 500) if number % 3 == 0 else None
    made.carry(job)
    assert values(made.opened(job)) == VALUES
    assert made.slept


@pytest.mark.parametrize("dies_at", range(1, 9))
def test_a_run_that_dies_before_it_stored(made: BulkExports, dies_at: int) -> None:
    """With pages in its memory: the next run goes on from the last piece in the bucket."""
    job = made.begin()

    made.giving.fault = lambda number, event: KeyboardInterrupt() if number == dies_at + 1 else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pieces, "store", store_unless_dead(made, dies_at + 1))
        with suppress(KeyboardInterrupt):
            made.carry(job, 1)
    made.giving.fault = lambda number, event: None
    made.carry(job)
    assert values(made.opened(job)) == VALUES


def store_unless_dead(made: BulkExports, last: int) -> Any:
    """What is left of storing once the run is dead: nothing."""
    usual = Pieces.store

    def store(self: Any, carrying: Any) -> None:
        if len(made.giving.events) < last:
            usual(self, carrying)

    return store


def test_two_runs_of_a_part_at_once(made: BulkExports) -> None:
    """One that Lambda gave up, and that goes on all the same: of two pieces of a number, one is stored."""
    job = made.begin()
    inner = list[Carried]()

    def other(number: int, event: dict[str, Any]) -> None:
        if number == 4 and not inner:
            inner.append(Carried(done=False))
            made.left = 900.0
            made.run(job, 1)

    made.giving.fault = other
    with pytest.raises(Failed, match="another run carries this part"):
        made.run(job, 1)
    made.carry(job)
    assert values(made.opened(job)) == VALUES


def test_a_file_that_was_made_twice_is_there_once(made: BulkExports) -> None:
    """A run whose answer was lost after it had joined the pieces: the next one finds the file."""
    job = made.begin()
    made.carry(job)
    versions = made.s3.list_object_versions(Bucket=made.bucket, Prefix=job.place)["Versions"]
    made.carry(job)
    assert made.s3.list_object_versions(Bucket=made.bucket, Prefix=job.place)["Versions"] == versions


def test_a_beginning_is_tried_again(made: BulkExports) -> None:
    """By the same execution it is the same export; by another one, another."""
    first, again, other = made.begin("run-1"), made.begin("run-1"), made.begin("run-2")
    assert (first, first.export_id == other.export_id) == (again, False)
    assert len(made.giving.events) == 2


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_all_of_it_is_there_once(made: BulkExports, seed: int) -> None:
    """Runs that end by their time, die, lose answers or meet another one, in any order."""
    chance = random.Random(seed)  # an order of faults, not a secret
    job = made.begin(parts=4)
    faults: list[Any] = [None] * 6 + [KeyboardInterrupt(), refusal("ServiceException", 500), "another run"]

    def fault(number: int, event: dict[str, Any]) -> Any:
        met = chance.choice(faults)
        if met == "another run":
            with suppress(KeyboardInterrupt, Failed, Unavailable):
                made.run(job, chance.choice(job.numbers), seconds(chance.randint(1, 3)))
            return None
        return met

    made.giving.fault = made.giving.lost = fault
    for _ in range(30):
        with suppress(KeyboardInterrupt, Failed, Unavailable):
            made.run(job, chance.choice(job.numbers), seconds(chance.randint(1, 6)))
    made.giving.fault = made.giving.lost = lambda number, event: None
    made.carry(job)
    assert made.steps.finish(job)["tokens"] == TEXTS
    entries = made.opened(job)
    assert values(entries) == VALUES
    assert len({entry["token"] for entry in entries}) == TEXTS
