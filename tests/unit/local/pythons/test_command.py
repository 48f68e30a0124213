"""`python -m local.pythons`: tests on each Python that is found, and which were not."""

from pathlib import Path

import pytest

from local.pythons import __main__ as command
from tests.unit.local.pythons.conftest import Maker


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with nothing on its PATH so far, and a checkout that asks for three Pythons."""
    monkeypatch.setattr(command, "SUPPORTED", ("3.95", "3.96", "3.97"))
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "clients/python").mkdir(parents=True)
    requirements = ("requirements.txt", "requirements.lock", "requirements-dev.txt")
    for name in (*requirements, "clients/python/pyproject.toml"):
        (tmp_path / name).touch()


def runs(asked: Path) -> list[str]:
    return [line for line in asked.read_text().splitlines() if line.startswith("pytest")]


def test_each_that_is_found_runs_and_others_are_named(
    tmp_path: Path, make: Maker, asked: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """All are listed at the end; a Python that this machine lacks fails nothing."""
    make("3.95.4", tmp_path)
    make("3.97.0", tmp_path)
    assert command.main(["--", "--quiet", "tests/unit"]) == 0
    assert runs(asked) == ["pytest -m pytest --quiet tests/unit"] * 2
    assert [line.split() for line in capfd.readouterr().out.splitlines()[-3:]] == [
        ["Python", "3.95", "passed"],
        ["Python", "3.96", "not", "found"],
        ["Python", "3.97", "passed"],
    ]


@pytest.mark.parametrize("unusual", [{"status": 1}, {"pip": "exit 1"}])
def test_a_failure_fails_and_the_next_runs_all_the_same(
    tmp_path: Path, make: Maker, asked: Path, capfd: pytest.CaptureFixture[str], unusual: dict[str, object]
) -> None:
    """A failing test, or an environment that cannot be made; the last line of each Python tells."""
    make("3.95.4", tmp_path, **unusual)
    make("3.96.4", tmp_path)
    assert command.main(["--", "tests/unit"]) == 1
    assert runs(asked)[-1] == "pytest -m pytest tests/unit"
    first, second, _ = capfd.readouterr().out.splitlines()[-3:]
    assert first.startswith("Python 3.95  failed: ")
    assert second.split() == ["Python", "3.96", "passed"]


def test_some_may_be_chosen(
    tmp_path: Path, make: Maker, asked: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """In the order in which they are named; another than the supported is refused."""
    for release in ("3.95.4", "3.96.4", "3.97.4"):
        make(release, tmp_path)
    assert command.main(["--only", "3.97", "--only", "3.95", "--", "tests/unit"]) == 0
    assert [line.split()[1] for line in capfd.readouterr().out.splitlines()[-2:]] == ["3.97", "3.95"]
    assert len(runs(asked)) == 2
    with pytest.raises(SystemExit):
        command.main(["--only", "3.10"])


def test_where_none_is_found_nothing_passed(capfd: pytest.CaptureFixture[str]) -> None:
    """A run that tried nothing is no success."""
    assert command.main(["--", "tests/unit"]) == 1
    assert "passed" not in capfd.readouterr().out
