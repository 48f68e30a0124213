"""Pieces become one object, however many they are."""

from typing import Any

import pytest

from bulklib import objects
from bulklib.errors import Failed
from bulklib.export_carrying import PIECE_BYTES, piece_size
from bulklib.export_pieces import groups
from bulklib.objects import Beginning
from tests.functional.bulk_exports.over_s3 import TEXTS, VALUES, values
from tests.support.bulk_exports import BulkExports


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
