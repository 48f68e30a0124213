"""Exports over S3, step by step: what lies in the bucket is what the next run goes on from."""

import itertools
import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from tokenvault_client.errors import (
    ConfigurationError,
    Conflict,
    InvalidRequest,
    NotPermitted,
    Throttled,
    Unavailable,
)

from bulklib import objects
from bulklib.errors import Failed, NotExportable, Refused, translated
from bulklib.export_carrying import PIECE_BYTES, RESERVE_SECONDS, Carried, piece_size
from bulklib.export_pieces import Pieces, groups
from bulklib.objects import Beginning
from chalicelib.service import exporter
from tests.support import policies
from tests.support.answers import tokens
from tests.support.bulk_account import refusal
from tests.support.bulk_exports import BulkExports, said
from tests.support.exports import ask, pem
from tests.support.world import World, world

TEXTS = 60
VALUES = sorted(f"text {n}" for n in range(TEXTS))


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    """Sixty tokens, and a client that exports without approval."""
    with world(policies.exporting()) as account:
        tokens(account.tokenize(*({"type": "text", "value": value} for value in VALUES)))
        yield account


@pytest.fixture
def made(shared: World, monkeypatch: pytest.MonkeyPatch) -> BulkExports:
    """A bucket of its own, and pages of at most four tokens."""
    monkeypatch.setattr(exporter, "PAGE", 4)
    monkeypatch.setattr(exporter, "SCANS", 4)
    deploy(shared, policies.exporting())
    return BulkExports(shared)


def deploy(account: World, written: dict[str, Any]) -> None:
    account.put_policy(written)
    account.restart()


def seconds(pages: int) -> Callable[[], float]:
    """A run's time, which is enough for so many pages."""
    left = itertools.chain([900.0] * pages, itertools.repeat(RESERVE_SECONDS))
    return lambda: next(left)


def values(entries: list[Any]) -> list[str]:
    return sorted(entry["value"] for entry in entries)


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


def test_the_budget_of_an_hour(made: BulkExports) -> None:
    """Is waited for by the state machine: the run ends, with what it carried stored, and says how long."""
    written = policies.exporting()
    written["tenants"]["shop"]["clients"]["mover"]["reveals_per_hour"] = 10
    for item in made.account.items("budgets"):
        key = {name: item[name] for name in ("pk", "sk")}
        made.account.dynamodb.delete_item(TableName="budgets", Key=key)
    deploy(made.account, written)
    job = made.begin()
    carried = made.run(job, 1)
    assert (carried.done, 0 < carried.wait <= 3600, carried.tokens > 0) == (False, True, True)
    assert made.run(job, 1).pages == 0
    deploy(made.account, policies.exporting())
    made.carry(job)
    assert values(made.opened(job)) == VALUES


@pytest.mark.parametrize("more", [{"retry_after": 86400}, {}], ids=["a day", "no time"])
def test_a_quota_of_a_day_is_not_waited_for(made: BulkExports, more: dict[str, int]) -> None:
    """Nor is a budget that says no time."""
    job = made.begin()
    made.giving.fault = lambda number, event: said(429, "budget_exceeded", **more)
    with pytest.raises(Throttled):
        made.run(job, 1)


@pytest.mark.parametrize(("more", "kind"), [({"retry_after": 86400}, Failed), ({}, Refused)])
def test_a_budget_that_never_has_so_much_ends_the_execution(
    made: BulkExports, more: dict[str, int], kind: type[Exception]
) -> None:
    """Somebody has to raise it: the state machine does not try again what cannot pass by itself."""
    job = made.begin()
    made.giving.fault = lambda number, event: said(429, "budget_exceeded", **more)
    with pytest.raises(kind, match="budget_exceeded"), translated():
        made.run(job, 1)


def test_a_vault_that_is_away_for_a_while(made: BulkExports) -> None:
    """Is asked again, less and less often; then the step fails, and nothing that was carried is lost."""
    job = made.begin()
    made.giving.fault = lambda number, event: said(503, "store_unavailable") if number in (3, 4) else None
    made.carry(job, 1)
    assert made.slept == [1.0, 2.0]
    made.giving.fault = lambda number, event: said(503, "store_unavailable")
    with pytest.raises(Unavailable):
        made.run(job, 2)
    made.giving.fault = lambda number, event: None
    made.carry(job)
    assert values(made.opened(job)) == VALUES


def test_a_policy_that_loses_the_client_half_way(made: BulkExports) -> None:
    """No page more; once it is mended, the same execution goes on where it was."""
    job = made.begin()
    carried = made.run(job, 1, seconds(3)).pages
    written = policies.exporting()
    written["tenants"]["shop"]["clients"]["mover"]["actions"] = ["read"]
    deploy(made.account, written)
    with pytest.raises(NotPermitted):
        made.run(job, 1)
    deploy(made.account, policies.exporting())
    made.carry(job)
    assert carried == 3
    assert values(made.opened(job)) == VALUES


def test_an_export_has_its_time(made: BulkExports, clock: Any) -> None:
    """After seven days the vault gives no page more, and says what to do."""
    made.account.restart()
    job = made.begin()
    made.run(job, 1, seconds(2))
    clock(exporter.VALID_SECONDS + 1)
    with pytest.raises(InvalidRequest, match="begin it anew"):
        made.run(job, 1)


def test_an_approval(made: BulkExports) -> None:
    """Where the policy wants one: missing, it is said; given, it is used up, and good for nothing more."""
    deploy(made.account, policies.exporting(approval={}))
    with pytest.raises(NotPermitted, match="a second person"):
        made.begin()
    approval = str(ask(made.account).body["approval"])
    with pytest.raises(Conflict, match="approval"):
        made.begin(approval=approval)
    made.account.decide(approval)
    job = made.begin(approval=approval)
    with pytest.raises(Conflict, match="approval"):
        made.begin(approval=approval)
    made.carry(job)
    assert values(made.opened(job)) == VALUES


def test_an_empty_vault(made: BulkExports) -> None:
    """One that has nothing of these types: files with no value, and a manifest that says so."""
    job = made.begin(types=["card_number"])
    made.carry(job)
    assert made.steps.finish(job)["tokens"] == 0
    assert made.opened(job) == []


def test_no_manifest_while_a_part_is_missing(made: BulkExports) -> None:
    """Nor if a file is not its part's."""
    job = made.begin()
    made.carry(job, 1)
    with pytest.raises(NotExportable, match="part 2 of 2 is missing; begin another export"):
        made.steps.finish(job)
    first = made.s3.head_object(Bucket=made.bucket, Key=job.file(1))["Metadata"]
    for content in (made.get(job.file(1)), b"", b"{}\n", b"some text"):
        made.s3.put_object(Bucket=made.bucket, Key=job.file(2), Body=content, Metadata=first)
        with pytest.raises(NotExportable, match="receipt"):
            made.steps.finish(job)
    assert job.manifest not in made.stored()


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"recipient": "some text"}, "no P-256 public key"),
        ({"recipient": pem().replace("PUBLIC", "PRIVATE")}, "private key"),
        ({"recipient": 1}, "input: recipient: a text is needed"),
        ({"purpose": None}, "input: purpose: a text is needed"),
        ({"parts": 3}, "input: parts: one of 1, 2, 4, 8, 16"),
        ({"parts": True}, "input: parts: one of 1, 2, 4, 8, 16"),
        ({"key": "in/x"}, "input: an object with no other fields than"),
        ({"types": ["nothing"]}, "not_permitted"),
        ({"types": "text"}, "invalid_request"),
        ({"purpose": "settlement"}, "not_permitted"),
    ],
)
def test_an_input_that_is_none(made: BulkExports, changed: dict[str, Any], text: str) -> None:
    """Is refused with the field at fault, and leaves nothing in the bucket."""
    with pytest.raises((NotExportable, ConfigurationError, NotPermitted, InvalidRequest), match=text):
        made.begin(**changed)
    assert made.stored() == []


def test_pieces_are_joined_in_groups_that_s3_takes() -> None:
    """Small ones together, large ones alone where they can be, and all of them in their order."""
    lengths = [9, 2, 2, 2, 9, 1, 1]
    sources = [Beginning(str(number), length) for number, length in enumerate(lengths)]
    made = groups(sources, least=5)
    assert [[source.length for source in group] for group in made] == [[9], [2, 2, 2], [9], [1, 1]]
    assert [source for group in made for source in group] == sources
    assert all(sum(source.length for source in group) >= 5 for group in made[:-1])
    assert groups([]) == []


@pytest.mark.parametrize(
    "lengths",
    [[PIECE_BYTES] * 15_677, [PIECE_BYTES, 100] * 9_000, [objects.LEAST_PART] * 10_001, [1] * 30_000],
    ids=["many", "runs that ended early", "one too many", "tiny"],
)
def test_however_many_pieces_there_are_s3_can_join_them(lengths: list[int]) -> None:
    """It takes 10,000 parts of 5 MB to 5 GB: the smallest pieces go together, and all in their order."""
    sources = [Beginning(str(number), length) for number, length in enumerate(lengths)]
    made = groups(sources)
    sizes = [sum(source.length for source in group) for group in made]
    assert len(made) <= 10_000
    assert all(size >= objects.LEAST_PART for size in sizes[:-1])
    assert max(sizes) <= 4 * PIECE_BYTES, "a group is held in memory"
    assert [source for group in made for source in group] == sources


def test_large_pieces_are_copied_within_s3(made: BulkExports, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what stands behind their lines: the file is the same."""
    monkeypatch.setattr(objects, "LEAST_PART", 2500)
    monkeypatch.setattr("bulklib.export_pieces.groups.__defaults__", (2500,))
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 2500)
    job, copied = made.begin(), list[str]()
    usual = made.objects._copied
    monkeypatch.setattr(made.objects, "_copied", lambda *given: copied.append(given[2].key) or usual(*given))
    made.carry(job)
    assert len(copied) > 2
    assert values(made.opened(job)) == VALUES


def test_pieces_grow_so_that_s3_can_join_them() -> None:
    """Ten thousand, which are the most that it joins, hold more than a part of any vault has."""
    sizes = [piece_size(8, stored) for stored in range(10_000)]
    assert (sizes[0], sizes[999], sizes[1000], sizes[-1]) == (8, 8, 16, 80)
    assert sum(piece_size(PIECE_BYTES, stored) for stored in range(10_000)) > 400 * 10**9


def test_a_piece_whose_answer_was_lost(made: BulkExports, monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 puts it again, and S3 says that it is there: the next run goes on behind it."""
    job, usual, lost = made.begin(), made.objects.put_new, list[str]()

    def put_new(key: str, content: bytes, metadata: Any) -> bool:
        put = usual(key, content, metadata)
        if put and len(lost) < 2:
            lost.append(key)
            return False
        return put

    monkeypatch.setattr(made.objects, "put_new", put_new)
    for _ in range(2):
        with pytest.raises(Failed):
            made.run(job, 1)
    made.carry(job)
    assert len(set(lost)) == 2
    assert values(made.opened(job)) == VALUES


@pytest.mark.parametrize("operation", ["UploadPart", "CompleteMultipartUpload"])
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_run_that_dies_while_it_joins(made: BulkExports, operation: str, done: bool) -> None:
    """The file is there or not, and the next run sees to it; nothing of the pieces is lost by it."""
    job, call, died = made.begin(), made.s3._make_api_call, list[str]()

    def dies(asked: str, given: dict[str, Any]) -> Any:
        if asked != operation or died:
            return call(asked, given)
        died.append(asked)
        if done:
            call(asked, given)
        raise KeyboardInterrupt

    made.s3._make_api_call = dies
    with pytest.raises(KeyboardInterrupt):
        made.carry(job)
    made.carry(job)
    assert died == [operation]
    assert made.steps.finish(job)["tokens"] == TEXTS
    assert values(made.opened(job)) == VALUES


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
