"""The notes of a retirement: what a sudden end leaves of them, and what damage does."""

from pathlib import Path

import pytest
from tokenvault_client.export.retirement import Retirement, UnusableNotes, opened

OF = {"sha256": "0" * 64, "pairs": 5}


def written(place: Path) -> list[bytes]:
    """The lines of notes of five pairs in batches of two, of which the second is begun."""
    with opened(place, OF) as notes:
        notes.decide("oon-o", 2)
        notes.begin()
        notes.finish()
        notes.begin()
    return place.read_bytes().splitlines(keepends=True)


def read(place: Path) -> tuple[str | None, int, int]:
    """What the notes say: fates, and numbers of batches that were begun and done."""
    with opened(place, OF) as notes:
        return notes.fates, notes.begun, notes.done


def test_the_next_run_reads_what_was_noted(tmp_path: Path) -> None:
    """Also that all of it is done, with the counts."""
    place = tmp_path / "notes"
    written(place)
    assert read(place) == ("oon-o", 2, 1)
    with opened(place, OF) as notes:
        notes.finish()
        notes.begin()
        notes.finish()
        assert not notes.has_more
        notes.end()
    with opened(place, OF) as notes:
        assert notes.ended == {"old": 3, "new": 1, "gone": 1}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (5, ("oon-o", 1, 1)),
        (4, ("oon-o", 1, 0)),
        (3, ("oon-o", 0, 0)),
        (2, (None, 0, 0)),
        (1, (None, 0, 0)),
    ],
)
@pytest.mark.parametrize("bad", [False, True], ids=["cut", "zeros"])
def test_a_last_line_that_is_cut_does_not_count(
    tmp_path: Path, lines: int, said: tuple[str | None, int, int], bad: bool
) -> None:
    """Nothing was erased by it; it is written anew."""
    place = tmp_path / "notes"
    left = written(place)[:lines]
    if bad and lines > 1:
        left[-1] = b"\0" * len(left[-1])
    else:
        left[-1] = left[-1][:-3]
    place.write_bytes(b"".join(left))
    assert read(place) == said
    assert place.read_bytes() == (b"".join(left[:-1]) or written(tmp_path / "other")[0])


@pytest.mark.parametrize("line", range(4))
def test_damage_before_the_last_line_is_refused(tmp_path: Path, line: int) -> None:
    """Whatever the line said; and the notes stay as they are."""
    place = tmp_path / "notes"
    for bad in (b"\0\n", b"{}\n", b""):
        lines = written(place)
        lines[line] = bad
        place.write_bytes(b"".join(lines))
        with pytest.raises(UnusableNotes, match="damaged"):
            read(place)
        assert place.read_bytes() == b"".join(lines)
        place.unlink()


def test_fates_that_changed_are_refused(tmp_path: Path) -> None:
    """An o and an n differ by one bit."""
    place = tmp_path / "notes"
    changed = b"".join(written(place)).replace(b'"oon-o"', b'"onn-o"')
    place.write_bytes(changed)
    with pytest.raises(UnusableNotes, match="damaged"):
        read(place)


@pytest.mark.parametrize(
    "content", [b"a letter of somebody's\n", b"a letter", b'{"retire": 1}\n{"done": 0}\n']
)
def test_another_file_at_that_place_stays(tmp_path: Path, content: bytes) -> None:
    """It is refused, and not written over."""
    place = tmp_path / "notes"
    place.write_bytes(content)
    with pytest.raises(UnusableNotes):
        read(place)
    assert place.read_bytes() == content


def test_they_are_on_the_disk_before_anything_is_erased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision with the folder that names it, and each batch that is begun."""
    synced: list[str] = []
    monkeypatch.setattr("os.fsync", lambda descriptor: synced.append("sync"))
    notes: Retirement
    with opened(tmp_path / "notes", OF) as notes:
        synced.clear()
        notes.decide("ooooo", 2)
        assert len(synced) == 2
        notes.begin()
        assert len(synced) == 3
