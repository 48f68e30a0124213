"""What a check of an audit trail reads, tells on the way, and says in the end."""

import gzip
import json
from pathlib import Path

import pytest
from tokenvault_client.audit import (
    Finding,
    Progress,
    Unreadable,
    read_files,
    read_lines,
    verify,
)

from tests.support.trails import VAULT_ID, MemoryTrail, check


def test_the_report_is_bounded_and_every_finding_is_told(trail: MemoryTrail) -> None:
    """However much is wrong, a report keeps the first findings and counts all."""
    for item in trail.items:
        item["client"] = {"S": "changed"}
    told: list[Finding] = []
    report = check(trail, keep=5, on_finding=told.append)
    assert len(report.findings) == 5
    assert len(told) == sum(report.counts.values()) > 5
    assert not report.ok


def test_what_is_recorded_meanwhile_is_left_out(trail: MemoryTrail) -> None:
    """A table that is written to while it is read is checked up to the time the reading began."""
    until = trail.of(3)[0]["sk"]["S"][:24]
    removed = trail.of(1)[10]
    kept = [item for item in trail.items if item is not removed]
    # The checkpoints are among what is left out.
    assert check(trail, kept, before=until).counts == {"uncovered": 1}


def test_progress_is_told(monkeypatch: pytest.MonkeyPatch, trail: MemoryTrail) -> None:
    """While reading without a total, while checking with one."""
    monkeypatch.setattr("tokenvault_client.audit.verifying.PROGRESS_STEP", 10)
    told: list[Progress] = []
    check(trail, progress=told.append)
    assert [(progress.stage, progress.done, progress.total) for progress in told] == [
        ("reading", 10, None),
        ("reading", 20, None),
        ("reading", 24, 24),
        ("checking", 10, 24),
        ("checking", 20, 24),
        ("checking", 24, 24),
    ]


def test_files_are_read_as_exports_and_archives_have_them(trail: MemoryTrail, tmp_path: Path) -> None:
    """An item a line, bare or wrapped, compressed or not; other lines are reported with their place."""
    plain, packed = tmp_path / "a.ndjson", tmp_path / "b.json.gz"
    plain.write_text("".join(json.dumps(item) + "\n" for item in trail.items[:5]) + "\n{\n[]\n")
    packed.write_bytes(
        gzip.compress("".join(json.dumps({"Item": item}) + "\n" for item in trail.items[5:]).encode())
    )
    report = check(trail, read_files([plain, packed]))
    assert report.events == 24
    assert [(finding.kind, finding.detail) for finding in report.findings] == [
        ("unreadable", f"line {line} of {plain} is no item") for line in (7, 8)
    ]


def test_a_line_that_is_no_item_is_not_repeated() -> None:
    """It may hold anything."""
    assert list(read_lines([b"4111111111111111x"])) == [Unreadable("input", 1)]


@pytest.mark.parametrize(
    ("written", "doubled"),
    [
        ('"client": ', '"client": {"S": "somebody else"}, "client": '),
        ('{"Item": ', '{"Item": {}, "Item": '),
        ('"client": {"S": ', '"client": {"S": "somebody else", "S": '),
    ],
)
def test_a_name_that_stands_twice_is_found(trail: MemoryTrail, written: str, doubled: str) -> None:
    """Another reader of the same file may show the other one: that is not as it was written."""
    lines = [json.dumps({"Item": item}) for item in trail.items]
    assert written in lines[3]
    lines[3] = lines[3].replace(written, doubled, 1)
    report = check(trail, read_lines((line.encode() for line in lines), "export"))
    assert report.counts["unreadable"] == 1
    assert not report.ok


def test_a_failing_kms_is_not_a_forged_chain(trail: MemoryTrail) -> None:
    """A missing permission ends the check: it says nothing of the trail."""

    def denied(wrapped: bytes, context: dict[str, str]) -> bytes:
        raise PermissionError

    with pytest.raises(PermissionError):
        verify(trail.items, vault_id=VAULT_ID, unwrap=denied)


def test_findings_read_well(trail: MemoryTrail) -> None:
    """One line says what, of which container, which events and when."""
    removed = trail.of(1)[4]
    [gap] = check(trail, [item for item in trail.items if item is not removed]).findings
    assert str(gap) == (
        f"gap: missing between others, container reveal/eu-central-1 (chain {1:032x}), "
        "event 4, 2026-01-01T00:00:04.000Z to 2026-01-01T00:00:06.000Z"
    )
