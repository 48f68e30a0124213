"""`make down` after a launcher that was killed: what it applied to a running emulator is found."""

import argparse
from pathlib import Path

import pytest

from local import commands
from local.endpoint import kept, left
from local.endpoint.kept import Kept, Noted
from local.errors import StepError
from local.paths import StackPaths
from local.processes import claim, free_port

APPLIED = '{"resources": [{"type": "aws_kms_key"}]}'


def leave(places: StackPaths, endpoint: str, state: str = APPLIED) -> Kept:
    """What a killed launcher leaves of an emulator."""
    folder = Kept.of(places.state, endpoint)
    folder.note(Noted(endpoint, "my.tfvars"))
    (folder.folder / kept.STATE).write_text(state)
    return folder


@pytest.fixture
def places(tmp_path: Path) -> StackPaths:
    """A launcher's folder."""
    return StackPaths(tmp_path)


class Destroying:
    """A stack whose emulator at one port is gone; the others' is destroyed."""

    def __init__(self, places: StackPaths) -> None:
        self._places = places

    def take_away(self) -> None:
        """As a stack does."""
        endpoint = self._places.emulator_url
        if endpoint.endswith(":2"):
            raise StepError("Nothing answers.")
        Kept.of(self._places.state, endpoint).forget()


@pytest.mark.parametrize("state", ['{"resources": [{}]}', '{"resour', "{}"])
def test_a_state_with_resources_is_found(places: StackPaths, state: str) -> None:
    """And one that was cut short, which cannot say that it has none."""
    assert kept.left(places.state) == []
    held = leave(places, "https://[::1]:4566", state)
    assert kept.left(places.state) == [held]
    assert held.noted() == Noted("https://[::1]:4566", "my.tfvars")


@pytest.mark.parametrize("state", ['{"resources": []}', ""])
def test_an_empty_state_is_nothing(places: StackPaths, state: str) -> None:
    """As Terraform leaves it before a first apply, and after all is destroyed."""
    leave(places, "http://127.0.0.1:4566", state)
    assert kept.left(places.state) == []


def test_each_is_destroyed_where_it_is(places: StackPaths, capsys: pytest.CaptureFixture[str]) -> None:
    """One that cannot be is named, with what to do, and stops no other."""
    for number in (1, 2, 3):
        leave(places, f"http://127.0.0.1:{number}")
    assert not left.destroy(places, kept.left(places.state), Destroying)
    [still] = kept.left(places.state)
    assert still.noted().endpoint == "http://127.0.0.1:2"
    said = capsys.readouterr().out
    assert "http://127.0.0.1:2: Nothing answers." in said
    assert f"delete {still.folder}" in said
    assert left.destroy(places, [], Destroying)


@pytest.mark.parametrize(
    "note", ["", "{}", "[]", '{"endpoint": "https://kms.amazonaws.com", "variables": "a"}']
)
def test_a_folder_that_does_not_say_whose_it_is_is_named(
    places: StackPaths, note: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is destroyed on a guess, and never in AWS."""
    folder = leave(places, "http://127.0.0.1:1").folder
    (folder / "applied.json").write_text(note)
    assert not left.destroy(places, kept.left(places.state), Destroying)
    assert str(folder) in capsys.readouterr().out


def test_a_launcher_that_starts_meanwhile_is_left_alone(places: StackPaths) -> None:
    """It goes on from that state itself."""
    leave(places, "http://127.0.0.1:1")
    starting = claim(places.launcher_pid)
    assert starting is not None
    with pytest.raises(StepError, match="is starting"):
        left.destroy(places, kept.left(places.state), Destroying)
    starting.release()


def test_down_does_not_say_that_nothing_was_up(
    places: StackPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    """The emulator does not answer: its address is named, the status says so, the state stays."""
    endpoint = f"http://127.0.0.1:{free_port()}"
    held = leave(places, endpoint)
    assert commands.down(places, argparse.Namespace()) == 1
    said = capsys.readouterr().out
    assert f"{endpoint}: Nothing answers" in said
    assert "nothing was up" not in said
    held.forget()
    assert commands.down(places, argparse.Namespace()) == 0
    assert capsys.readouterr().out == "nothing was up\n"
