"""`tokenvault export` where the disk is full, or something stands in the way: nothing is left half."""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tokenvault_client.cli import exporting
from tokenvault_client.cli.exits import Exit
from tokenvault_client.errors import ConfigurationError

from tests.client.exporting.running import ALL, export, opening, run, values
from tests.client.service import Service


def full(*_: object) -> None:
    """What the system says of a full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def files_of(most: int) -> Iterator[None]:
    """No file of this process gets larger than so many bytes; the system refuses the rest."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def left(place: Path) -> set[str]:
    """What lies in the folder besides what every test has."""
    return {path.name for path in place.iterdir()} - {"recipient.pub", "recipient.key", "receipts.der"}


def test_values_that_do_not_fit_leave_none(vault: Service, place: Path) -> None:
    """The user is told so, in a sentence, and no plaintext stays; with room, the file opens."""
    assert export(vault, place)[0] is Exit.OK
    with files_of(100):
        end, out, err = opening(vault, place)
    assert (end, out, left(place)) == (Exit.OUTPUT_FAILED, "", {"out"})
    assert err == "tokenvault: output_failed: a file could not be read or written: File too large\n"
    assert (opening(vault, place)[0], values(place)) == (Exit.OK, ALL)


def test_a_key_pair_that_does_not_fit_is_none(
    vault: Service, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither half stays: a private key that is cut opens nothing."""
    monkeypatch.setattr(exporting.os, "fsync", full)
    end, _, err = run(vault, "export", "keygen", str(place / "new"))
    assert (end, left(place)) == (Exit.OUTPUT_FAILED, set()), err


def test_a_tool_that_is_not_set_up_leaves_nothing_to_go_on_with(
    vault: Service, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a certificate that is not there, say: another export of this name would be refused for it."""

    def cannot_be_read(*_: object, **__: object) -> None:
        raise ConfigurationError("TOKENVAULT_CLIENT_CERT cannot be read")

    with monkeypatch.context() as patch:
        patch.setattr("tokenvault_client.cli.session.Client", cannot_be_read)
        end, _, err = export(vault, place)
    assert (end, left(place), vault.seen) == (Exit.USAGE, set(), []), err


def test_a_public_key_that_is_there_gets_no_private_half(vault: Service, place: Path) -> None:
    """Both would pass for a pair, and what is sealed to the one opens with no other."""
    (place / "new.pub").write_text("mine")
    end, _, err = run(vault, "export", "keygen", str(place / "new"))
    assert (end, left(place), (place / "new.pub").read_text()) == (Exit.USAGE, {"new.pub"}, "mine")
    assert "new.pub: File exists" in err


@pytest.mark.parametrize("options", [(), ("--parts", "4")], ids=["in one piece", "in parts"])
def test_a_whole_that_does_not_fit_beside_what_was_received(
    vault: Service, place: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    """What was received stays, and nothing that takes room besides; with room, it is made of it."""
    with monkeypatch.context() as patch:
        patch.setattr("tokenvault_client.export.under_way.os.replace", full)
        end, _, err = export(vault, place, "--yes", *options)
    assert (end, left(place)) == (Exit.OUTPUT_FAILED, {"out.part"}), err
    assert "the same command goes on" in err
    vault.seen.clear()
    assert (export(vault, place, "--yes", *options)[0], vault.seen) == (Exit.OK, [])
    assert opening(vault, place, *sorted(left(place)))[0] is Exit.OK


@pytest.mark.parametrize("folder", [".", "..", "/"])
def test_a_folder_is_no_name_of_a_file(vault: Service, place: Path, folder: str) -> None:
    """Told before anything is asked for, by each command that makes a file."""
    keys = ("--key", str(place / "recipient.key"), "--public-key", str(place / "receipts.der"))
    commands = [
        ("export", "run", "--to", str(place / "recipient.pub"), "--purpose", "moving", "--yes"),
        ("export", "open", str(place / "receipts.der"), *keys),
        ("retokenize", "open", str(place / "receipts.der"), *keys),
    ]
    for command in commands:
        end, _, err = run(vault, *command, "--out", folder)
        assert (end, vault.seen) == (Exit.USAGE, [])
        assert "--out: a folder; the name of a new file in it is needed" in err
    end, _, err = run(vault, "export", "keygen", folder)
    assert (end, "NAME: the name of the key pair is needed" in err) == (Exit.USAGE, True)
