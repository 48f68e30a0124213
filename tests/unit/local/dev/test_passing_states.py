"""Folders of services on ports that nobody named."""

from contextlib import suppress
from pathlib import Path

import pytest

from local import processes
from local.dev.passing_states import passing, staying


def left(folder: Path) -> Path:
    """What a killed service leaves."""
    with suppress(SystemExit), passing(folder):
        (folder / "dev.log").write_text("what it said")
        raise SystemExit
    return folder


def test_it_is_gone_at_the_end(tmp_path: Path) -> None:
    """With all that lies in it, and for its user alone while it is there."""
    with passing(tmp_path / "states" / "1"):
        (tmp_path / "states" / "1" / "dev.log").write_text("what it said")
        assert (tmp_path / "states" / "1").stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "states").iterdir()) == []


def test_it_stays_after_an_error_until_the_next_one_starts(tmp_path: Path) -> None:
    """The error may name a log in it."""
    with pytest.raises(ValueError, match="log"), passing(tmp_path / "1"):
        raise ValueError("see the log")
    assert (tmp_path / "1").is_dir()
    with staying(tmp_path / "2"):
        assert (tmp_path / "1").is_dir()


def test_what_a_killed_one_left_goes_with_the_next_start(tmp_path: Path) -> None:
    """The claim of a process that is gone is free."""
    folder = left(tmp_path / "1")
    with passing(tmp_path / "2"):
        assert not folder.exists()


def test_one_that_lives_keeps_its_folder(tmp_path: Path) -> None:
    """Several may be up at once."""
    with passing(tmp_path / "1"):
        with passing(tmp_path / "2"):
            assert (tmp_path / "1").is_dir()
        assert processes.running(tmp_path / "1" / "passing.pid") is not None


def test_a_port_that_was_asked_for_by_name_keeps_its_folder(tmp_path: Path) -> None:
    """Also where another service had it by chance, and was killed."""
    with staying(left(tmp_path / "1")):
        pass
    with passing(tmp_path / "2"):
        pass
    assert (tmp_path / "1" / "dev.log").read_text() == "what it said"
