"""Imports over S3, step by step, over the real service: as on one machine, by many functions."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet
from tokenvault_client.bulk import Import, Limits, Places, Progress, open_journal, open_source, read_map
from tokenvault_client.bulk.errors import NotImportable, TooManyErrors
from tokenvault_client.errors import ProblemError, Refused

from bulklib import planning
from bulklib.job import Job
from bulklib.planning import Part
from tests.support import policies
from tests.support.bulk_account import PART_VALUES, BulkAccount, refusal
from tests.support.bulk_rows import CARDS, HEAD, MAP, RANDOM, csv_rows
from tests.support.world import World, world


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    """One account for all tests: each has a bucket and versions of its own."""
    with world(policies.importing()) as account:
        yield account


@pytest.fixture
def bulk(shared: World) -> BulkAccount:
    """A bucket in it."""
    return BulkAccount(shared)


def of_one_machine(bulk: BulkAccount, content: bytes, name: str, folder: Path, mapping: bytes = MAP) -> bytes:
    """What `tokenvault import` makes of the file, with the same vault."""
    source, out, mapped = folder / name, folder / f"out-{name}", read_map(mapping)
    source.write_bytes(content)
    places = Places(out)
    with open_journal(places.journal, source, mapped.digest, "client") as journal:
        Import(
            source,
            open_source(source, mapped),
            places=places,
            journal=journal,
            client=bulk.vault(mapped),
            limits=Limits(parallel=1),
            progress=lambda reached: Progress(None, reached),
        ).run()
    return out.read_bytes()


JSON_LINES = b"".join(
    json.dumps({"id": n, "card": CARDS[n % 3], "note": f"line\n{n}"}).encode() + b"\n" for n in range(16)
)


@pytest.mark.parametrize(
    ("name", "content", "mapping"),
    [
        ("rows.csv", HEAD + csv_rows(30), MAP),
        ("rows.csv", HEAD + csv_rows(5)[:-1], MAP),
        ("rows.tsv", b"card\tnote\n4111111111111111\tx\n", MAP),
        ("bare.csv", csv_rows(16), b'[csv]\nheader = false\n[columns.2]\ntype = "card_known"\n'),
        ("rows.jsonl", JSON_LINES, MAP),
        ("old.csv", b"card,note\r" + b"4111111111111111,x\n\n" * 16, MAP),
        ("joined.jsonl", JSON_LINES + (b"\xef\xbb\xbf" + JSON_LINES.splitlines(True)[0]) * 15, MAP),
    ],
    ids=[
        "csv",
        "no line end at the end",
        "tsv",
        "no header",
        "json lines",
        "a part that begins with a line feed",
        "a part that begins with a mark",
    ],
)
def test_the_parts_are_the_file_that_one_machine_makes(
    bulk: BulkAccount, tmp_path: Path, name: str, content: bytes, mapping: bytes
) -> None:
    """Byte for byte, wherever the segments were cut; each part has the head of its own, and is a file."""
    bulk.put(f"in/{name}", content)
    bulk.put("in/map.toml", mapping)
    written = bulk.run(key=f"in/{name}", map="in/map.toml")
    assert bulk.joined(written) == of_one_machine(bulk, content, name, tmp_path, mapping)
    assert written["bad_cells"] == content.count(b"\n\xef\xbb\xbf"), "rows with a mark of their own"
    assert written["rows"] == sum(part["rows"] for part in written["parts"])
    assert all(part["values"] <= PART_VALUES for part in written["parts"])


def test_row_groups_are_taken_in_on_their_own(bulk: BulkAccount, tmp_path: Path) -> None:
    """Each part is a Parquet file of some row groups; together they are the table of one machine."""
    table = pyarrow.table(
        {
            "id": list(range(25)),
            "card": [CARDS[n % 3] for n in range(25)],
            "note": [None if n % 5 == 0 else f"note {n}" for n in range(25)],
        }
    )
    file = io.BytesIO()
    parquet.write_table(table, file, row_group_size=4)
    bulk.put("in/rows.parquet", file.getvalue())
    bulk.put("in/map.toml", MAP)
    written = bulk.run(key="in/rows.parquet", map="in/map.toml")
    parts = [parquet.read_table(io.BytesIO(bulk.get(part["key"]))) for part in written["parts"]]
    whole = of_one_machine(bulk, file.getvalue(), "rows.parquet", tmp_path)
    assert pyarrow.concat_tables(parts).equals(parquet.read_table(io.BytesIO(whole)))
    assert [part["first_row"] for part in written["parts"]] == [1, 5, 9, 13, 17, 21]


@pytest.mark.parametrize("lost_at", [1, 2, 3])
def test_a_part_tried_again_makes_no_second_token(bulk: BulkAccount, lost_at: int) -> None:
    """Of random types too: the vault did its work, and the function died before it knew."""
    bulk.put("in/rows.csv", HEAD + csv_rows(20))
    bulk.put("in/map.toml", RANDOM)
    job, segments = bulk.laid_out(key="in/rows.csv", map="in/map.toml")
    parts = bulk.planned(job, segments)
    bulk.invoked.fault = lambda number: refusal("AccessDenied", 403) if number == lost_at else None
    with pytest.raises(ProblemError, match="refuses to invoke"):
        bulk.take(job, parts)
    bulk.invoked.fault = lambda number: None
    bulk.take(job, parts)
    assert bulk.records == 2 * 20


def test_what_passes_is_waited_for_within_a_part(bulk: BulkAccount) -> None:
    """Too many invocations, a failure of Lambda, a function that crashed, or that was idle for weeks: sent
    again under the same key."""
    faults: dict[int, Any] = {
        1: refusal("TooManyRequestsException", 429),
        2: refusal("ServiceException", 500),
        3: {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "4111111111111111"}')},
        4: refusal("CodeArtifactUserPendingException", 409),
    }
    bulk.put("in/rows.csv", HEAD + csv_rows(3))
    bulk.put("in/map.toml", RANDOM)
    bulk.invoked.fault = faults.get
    written = bulk.run(key="in/rows.csv", map="in/map.toml")
    assert (written["rows"], bulk.records) == (3, 6)
    assert len({event["idempotency_key"] for event in bulk.invoked.events}) < len(bulk.invoked.events)


def test_another_execution_goes_on_where_one_ended(bulk: BulkAccount) -> None:
    """The same version and map have one place: parts that are there are not taken in again."""
    bulk.put("in/rows.csv", HEAD + csv_rows(20))
    bulk.put("in/map.toml", RANDOM)
    request = {"key": "in/rows.csv", "map": "in/map.toml"}
    job, segments = bulk.laid_out(**request)
    first, *left = bulk.planned(job, segments)
    bulk.take(job, [first])
    before = bulk.get(f"{job.place}{first.name}.csv")
    written = bulk.run(**request)
    assert bulk.get(written["parts"][0]["key"]) == before
    assert bulk.take(job, [first, *left]) == [None] * (1 + len(left))
    assert bulk.records == 2 * 20


def test_a_new_version_has_a_place_of_its_own(bulk: BulkAccount) -> None:
    """What is put in the file's place meanwhile changes nothing of an import that began before."""
    old = bulk.put("in/rows.csv", HEAD + csv_rows(3))
    bulk.put("in/map.toml", MAP)
    job, segments = bulk.laid_out(key="in/rows.csv", map="in/map.toml")
    bulk.put("in/rows.csv", HEAD + csv_rows(9))
    bulk.put("in/map.toml", b"[columns.id]\ntype = 'text'\n")
    bulk.take(job, bulk.planned(job, segments))
    assert bulk.files.finish(job)["rows"] == 3
    newest, _ = bulk.laid_out(key="in/rows.csv", map="in/map.toml")
    pinned, _ = bulk.laid_out(
        key="in/rows.csv", map="in/map.toml", version_id=old, map_version_id=job.map_version_id
    )
    assert newest.place != job.place == pinned.place


def test_another_client_has_a_place_of_its_own(bulk: BulkAccount) -> None:
    """What was taken in as one client is not done for another one: it has none of those tokens."""
    bulk.put("in/rows.csv", HEAD + csv_rows(5))
    bulk.put("in/map.toml", RANDOM)
    request = {"key": "in/rows.csv", "map": "in/map.toml"}
    first = bulk.run(**request)
    bulk.address = "shop/migration"
    bulk.files = bulk.files_of(PART_VALUES)
    job, segments = bulk.laid_out(**request)
    parts = bulk.planned(job, segments)
    assert (first["client"], job.client) == ("shop/checkout", "shop/migration")
    with pytest.raises(NotImportable, match="part-000000 is missing"):
        bulk.files.finish(job)
    assert None not in bulk.take(job, parts)


def test_a_part_that_has_other_rows_than_were_planned_is_not_done(bulk: BulkAccount) -> None:
    """A release that cuts rows otherwise goes on with a plan: no row is left out in silence."""
    bulk.put("in/rows.csv", HEAD + csv_rows(20))
    bulk.put("in/map.toml", MAP)
    job, segments = bulk.laid_out(key="in/rows.csv", map="in/map.toml")
    part = bulk.planned(job, segments)[0]
    for rows in (part.rows - 1, part.rows + 1):
        with pytest.raises(NotImportable, match="part-000000 has other rows than were planned"):
            bulk.take(job, [replace(part, rows=rows)])
    assert not [key for key in bulk.stored() if "part-" in key]


def test_bad_cells_are_named_beside_the_part(bulk: BulkAccount) -> None:
    """With the row of the whole file, its column and the rule; the value stands nowhere in the bucket."""
    rows = csv_rows(20).replace(b"1,378282246310005", b"1,378282246310006")
    bulk.put("in/rows.csv", HEAD + rows)
    bulk.put("in/map.toml", MAP)
    written = bulk.run(key="in/rows.csv", map="in/map.toml")
    assert written["bad_cells"] == rows.count(b"378282246310006") >= 1
    bad = [
        json.loads(line)
        for part in written["parts"]
        if "errors" in part
        for line in bulk.get(part["errors"]).splitlines()
    ]
    expected = [n + 1 for n in range(20) if n % 3 == 2 and n % 10 == 1]
    assert [(entry["row"], entry["column"], entry["rule"]) for entry in bad] == [
        (row, "card", "invalid_value") for row in expected
    ]
    for key in bulk.stored():
        assert key.startswith("in/") or b"378282246310006" not in bulk.get(key)


def test_more_bad_cells_than_wanted_end_a_part(bulk: BulkAccount) -> None:
    """Most likely the map is wrong; nothing of the part is there."""
    bulk.put("in/rows.csv", b"card,note\n1,x\n2,x\n")
    bulk.put("in/map.toml", MAP)
    job, segments = bulk.laid_out(key="in/rows.csv", map="in/map.toml", max_errors=1)
    parts = bulk.planned(job, segments)
    text = "more than 1 cells of a part are bad; the last: row 2, column card: invalid_value: "
    with pytest.raises(TooManyErrors, match=text):
        bulk.take(job, parts)
    assert not [key for key in bulk.stored() if "part-" in key]
    with pytest.raises(NotImportable, match="part-000000 is missing; start another execution"):
        bulk.files.finish(job)


def test_a_type_that_the_policy_does_not_have_ends_a_part_at_once(bulk: BulkAccount) -> None:
    """By the first answer, since the functions may not ask for the types; its cells are no bad ones."""
    bulk.put("in/rows.csv", b"card,born\n" + b"4111111111111111,1815-12-10\n" * 3)
    bulk.put("in/map.toml", b'[columns.born]\ntype = "born"\n')
    job, segments = bulk.laid_out(key="in/rows.csv", map="in/map.toml")
    with pytest.raises(Refused, match="unknown_type: type born: the policy has no information type"):
        bulk.take(job, bulk.planned(job, segments))
    assert not [key for key in bulk.stored() if "part-" in key]


def test_values_keep_their_tokens(shared: World) -> None:
    """With `token_column`, by a client that may import."""
    bulk = BulkAccount(shared, "shop/migration")
    bulk.put("in/rows.csv", b"card,old\n4111111111111111,old_AbCd1234\n")
    bulk.put("in/map.toml", b'[columns.card]\ntype = "card_number"\ntoken_column = "old"\n')
    written = bulk.run(key="in/rows.csv", map="in/map.toml")
    assert bulk.joined(written) == b"card,old\nold_AbCd1234,old_AbCd1234\n"


@pytest.mark.parametrize("content", [b"", b"card,note\n"])
def test_a_file_without_rows_has_no_part(bulk: BulkAccount, content: bytes) -> None:
    """And is no error, if its header is there."""
    bulk.put("in/rows.csv", content)
    bulk.put("in/map.toml", MAP)
    if content:
        assert bulk.run(key="in/rows.csv", map="in/map.toml")["parts"] == []
    else:
        with pytest.raises(NotImportable, match="header"):
            bulk.laid_out(key="in/rows.csv", map="in/map.toml")


@pytest.mark.parametrize(
    ("request_", "rule"),
    [
        ({"key": "in/none.csv", "map": "in/map.toml"}, "no object"),
        ({"key": "out/rows.csv", "map": "in/map.toml"}, "key: must begin with in/"),
        ({"key": "in/rows.csv", "map": "map.toml"}, "map: must begin with in/"),
        ({"key": f"in/{'x' * 900}.csv", "map": "in/map.toml"}, "key: .* at most 900 bytes"),
        ({"key": "in/rows.csv", "map": "in/map.toml", "place": "x"}, "no other fields"),
        ({"key": "in/rows.csv", "map": "in/map.toml", "version_id": "a b"}, "version_id"),
        ({"key": "in/rows.csv", "map": "in/map.toml", "max_errors": -1}, "max_errors"),
        ({"key": "in/rows.csv"}, "map: the key"),
        ([], "no other fields"),
    ],
)
def test_what_cannot_be_imported_is_refused(bulk: BulkAccount, request_: Any, rule: str) -> None:
    """With the field at fault."""
    bulk.put("in/rows.csv", HEAD)
    bulk.put("in/map.toml", MAP)
    with pytest.raises(NotImportable, match=rule):
        bulk.files.lay_out(request_)


def test_a_bucket_without_versions_is_refused(bulk: BulkAccount) -> None:
    """Another file could take the place of the one that is read."""
    bulk.s3.put_bucket_versioning(Bucket=bulk.bucket, VersioningConfiguration={"Status": "Suspended"})
    bulk.put("in/rows.csv", HEAD)
    bulk.put("in/map.toml", MAP)
    with pytest.raises(NotImportable, match="no version"):
        bulk.laid_out(key="in/rows.csv", map="in/map.toml")


def test_a_plan_that_is_there_is_gone_on_with(bulk: BulkAccount) -> None:
    """A release that cuts otherwise does not cut a file anew that is half taken in."""
    bulk.put("in/rows.csv", HEAD + csv_rows(20))
    bulk.put("in/map.toml", MAP)
    job, segments = bulk.laid_out(key="in/rows.csv", map="in/map.toml")
    planned = bulk.planned(job, segments)
    bulk.files = bulk.files_of(6)
    assert bulk.planned(job, segments) == planned


def test_of_two_plans_at_once_one_holds(bulk: BulkAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two executions that found none, of two releases: both go on with the same parts."""
    bulk.put("in/rows.csv", HEAD + csv_rows(20))
    bulk.put("in/map.toml", MAP)
    job, segments = bulk.laid_out(key="in/rows.csv", map="in/map.toml")
    planned = bulk.planned(job, segments)
    bulk.files = bulk.files_of(6)
    monkeypatch.setattr(bulk.objects, "find", lambda *asked: None)
    assert bulk.planned(job, segments) == planned


@pytest.mark.parametrize("code", ["400", "405"], ids=["no id of a version", "a delete marker"])
def test_a_version_that_is_none_is_refused(
    bulk: BulkAccount, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """As S3 answers a HEAD, whose answers have no other code: nothing that passes."""
    bulk.put("in/rows.csv", HEAD)
    bulk.put("in/map.toml", MAP)
    usual = bulk.s3.head_object

    def head_object(**asked: Any) -> Any:
        if "VersionId" in asked:
            raise refusal(code, int(code))
        return usual(**asked)

    monkeypatch.setattr(bulk.s3, "head_object", head_object)
    with pytest.raises(NotImportable, match="no object of this key and version"):
        bulk.laid_out(key="in/rows.csv", map="in/map.toml", version_id="mistyped")


def test_keys_of_jobs_are_told_apart() -> None:
    """Another map over the same version sends other requests."""
    about = dict.fromkeys(Job.__dataclass_fields__, "")
    this, other = (Job.of({**about, "map_digest": digest}) for digest in ("a", "b"))
    part = Part(0, 0, 1, 0, 1)
    assert planning.request_key(this.identity, part, 0) != planning.request_key(other.identity, part, 0)
