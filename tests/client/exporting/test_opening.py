"""`tokenvault export open`: what was not given out by the vault, whole, is not opened."""

import json
import os
from pathlib import Path

import pytest
from tokenvault_client.cli.exits import Exit
from tokenvault_client.export.chain import chunk_line

from chalicelib.crypto.exports import first_digest, read_recipient, seal_chunk
from tests.client.exporting.running import ALL, export, opening, run, values
from tests.client.service import Service
from tests.support.exports import pem


@pytest.mark.parametrize(
    "damage", ["cut", "last", "swapped", "doubled", "changed", "receipt", "empty", "none"]
)
def test_what_is_not_whole_is_not_opened(vault: Service, place: Path, damage: str) -> None:
    """Nothing of it stays on the disk: neither under its name nor under any other."""
    assert export(vault, place)[0] is Exit.OK
    lines = (place / "out").read_text().splitlines(keepends=True)
    damaged = {
        "cut": lines[:-1],
        "last": [*lines[:-2], lines[-1]],
        "swapped": [lines[0], lines[2], lines[1], *lines[3:]],
        "doubled": [*lines[:2], *lines[1:]],
        "changed": [lines[0], lines[1].replace('"sealed": "', '"sealed": "AAAA'), *lines[2:]],
        "receipt": [*lines[:-1], lines[-1].replace(".", ".A", 1)],
        "empty": [],
        "none": ["some text\n"],
    }[damage]
    (place / "damaged").write_text("".join(damaged))
    end, out, err = opening(vault, place, "damaged")
    assert (end, out) == (Exit.NOT_VERIFIED, ""), err
    assert not {path.name for path in place.iterdir()} & {"values", "values.part"}


FORGED = [
    b"",
    b"[",
    b"[1]",
    b'[{"token":"a"}',
    b"{}",
    b"[" * 100_000,
    b'[{"token":"a","value":"forged"}]',
    b"\xff",
]


@pytest.mark.parametrize("plaintext", FORGED, ids=lambda text: ascii(text)[:20])
def test_a_chunk_that_anybody_sealed(vault: Service, place: Path, plaintext: bytes) -> None:
    """The recipient's key is public, so a forged chunk opens; the receipt is of another file all the same."""
    assert export(vault, place)[0] is Exit.OK
    first, *_, receipt = (place / "out").read_text().splitlines(keepends=True)
    digest = first_digest(json.loads(first)["opening"])
    sealed = seal_chunk(read_recipient(pem()), plaintext, digest, 1, last=True, random_bytes=os.urandom)
    (place / "forged").write_bytes(first.encode() + chunk_line(1, sealed, last=True) + receipt.encode())
    end, out, err = opening(vault, place, "forged")
    assert (end, out) == (Exit.NOT_VERIFIED, ""), err
    assert not {path.name for path in place.iterdir()} & {"values", "values.part"}


def test_a_file_beside_the_output_is_not_taken_away(vault: Service, place: Path) -> None:
    """Somebody else's, or what a killed run left: its user decides."""
    assert export(vault, place)[0] is Exit.OK
    (place / "values.part").write_text("mine")
    assert opening(vault, place)[0] is Exit.USAGE
    assert (place / "values.part").read_text() == "mine"


def test_pages_of_two_exports_are_no_file(vault: Service, place: Path) -> None:
    """Each of them whole by itself; put together, neither receipt is true."""
    assert export(vault, place)[0] is Exit.OK
    (place / "out").rename(place / "mine")
    assert export(vault, place)[0] is Exit.OK
    mine, yours = ((place / name).read_text().splitlines(keepends=True) for name in ("mine", "out"))
    for mixed in ([*mine[:2], *yours[2:]], [*mine[:-1], yours[-1]], [yours[0], *mine[1:]]):
        (place / "mixed").write_text("".join(mixed))
        assert opening(vault, place, "mixed")[0] is Exit.NOT_VERIFIED


def test_the_wrong_keys(vault: Service, place: Path) -> None:
    """Another recipient's, another vault's, and a file that has none."""
    assert export(vault, place)[0] is Exit.OK
    assert run(vault, "export", "keygen", str(place / "other"))[0] is Exit.OK
    assert opening(vault, place, key="other.key")[0] is Exit.NOT_VERIFIED
    assert opening(vault, place, **{"public-key": "other.pub"})[0] is Exit.NOT_VERIFIED
    assert opening(vault, place, key="receipts.der")[0] is Exit.USAGE
    assert not (place / "values").exists()


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_the_public_half_is_for_others_too(vault: Service, place: Path, umask: int, mode: int) -> None:
    """As far as the umask lets them; the private half never is."""
    before = os.umask(umask)
    try:
        assert run(vault, "export", "keygen", str(place / "new"))[0] is Exit.OK
    finally:
        os.umask(before)
    modes = [(place / f"new.{half}").stat().st_mode & 0o777 for half in ("key", "pub")]
    assert modes == [0o600, mode]


def test_a_new_key_pair(vault: Service, place: Path) -> None:
    """Its private half is its owner's alone, neither file is written over, and the pair opens an export."""
    end, out, _ = run(vault, "export", "keygen", str(place / "new"))
    assert (end, (place / "new.key").stat().st_mode & 0o777) == (Exit.OK, 0o600)
    [shown] = run(vault, "export", "fingerprint", str(place / "new.pub"))[1].split()
    assert shown in out
    assert run(vault, "export", "keygen", str(place / "new"))[0] is Exit.USAGE
    (place / "recipient.pub").write_bytes((place / "new.pub").read_bytes())
    assert export(vault, place)[0] is Exit.OK
    assert (opening(vault, place, key="new.key")[0], values(place)) == (Exit.OK, ALL)


@pytest.mark.parametrize(
    "content", ["", "some text", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"]
)
def test_a_recipient_that_is_none(vault: Service, place: Path, content: str) -> None:
    """Nothing is sent, and nothing of the file is repeated; a private key least of all."""
    (place / "recipient.pub").write_text(content)
    end, _, err = export(vault, place)
    assert (end, vault.seen) == (Exit.USAGE, [])
    (place / "recipient.pub").write_text((place / "recipient.key").read_text())
    end, _, err = export(vault, place)
    assert (end, vault.seen) == (Exit.USAGE, [])
    assert (place / "recipient.key").read_text().splitlines()[1] not in err
