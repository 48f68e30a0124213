"""The journal of an import: how far it came, so that it can go on after any kind of end.

A file of JSON lines beside the output. The first line says what is imported and holds the secret from which
the requests' idempotency keys follow; each other line says that the output is whole up to a place, and is
written after the output is on the disk. It holds no value, and its digest of the input is slow to try guesses
against.
"""

import contextlib
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from tokenvault_client.bulk.errors import NotImportable
from tokenvault_client.durable import append
from tokenvault_client.locking import Busy, locked
from tokenvault_client.parsing import load_json

_VERSION: Final = 1
_SEED_BYTES: Final = 24
_BLOCK: Final = 1024 * 1024


@dataclass(frozen=True)
class Commit:
    """How far the output is whole: chunks, rows, and the lengths of all files in bytes. `at` is Unix time."""

    chunks: int = 0
    row: int = 0
    input: int = 0
    output: int = 0
    bad_rows: int = 0
    values: int = 0
    failed: int = 0
    done: bool = False
    at: float = 0.0


@dataclass(frozen=True)
class Origin:
    """What is imported: digests of the input and of the map, and the client whose tokens are made."""

    input: str
    map: str
    client: str


@dataclass
class Journal:
    """An open journal that this process holds alone. `last` is the newest commit that is whole."""

    path: Path
    file: BinaryIO = field(repr=False)
    seed: str = field(repr=False)
    last: Commit
    resumed: bool

    def key(self, chunk: int) -> str:
        """The idempotency key of a chunk: the same whenever its request is sent."""
        digest = hmac.digest(self.seed.encode(), str(chunk).encode(), "sha256")
        return f"{digest.hex()[:48]}_{chunk}"

    def commit(self, commit: Commit) -> None:
        """Notes, on the disk, how far the output is whole. Raises `OSError`."""
        append(self.file, _line(asdict(commit)))
        self.last = commit

    def remove(self) -> None:
        """Nothing is left to go on with."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()


@contextlib.contextmanager
def opened(path: Path, source: Path, mapped: str, client: str) -> Iterator[Journal]:
    """The journal at a path, begun or gone on with, locked against every other process.

    Raises `NotImportable` if another run is at work, or an earlier one had another file, map or client, and
    `OSError`.
    """
    with _locked(path) as file:
        lines, whole = _lines(path)
        head = lines[0] if lines else {"version": _VERSION, "seed": secrets.token_hex(_SEED_BYTES)}
        seed = str(head.get("seed"))
        if head.get("version") != _VERSION:
            raise _unknown(path)
        file.truncate(whole)
        file.seek(whole)
        origin = asdict(Origin(_digest(source, seed), mapped, client))
        if lines:
            _refuse_other(head, origin, path)
        else:
            append(file, _line({**head, **origin}))
        last = _commit(lines[-1], path) if len(lines) > 1 else Commit(at=time.time())
        yield Journal(path, file, seed, last, resumed=bool(lines))


def _commit(fields: Mapping[str, Any], path: Path) -> Commit:
    try:
        return Commit(**fields)
    except TypeError:
        raise _unknown(path) from None


def _unknown(path: Path) -> NotImportable:
    return NotImportable(f"{path.name} is no journal of this version")


def _refuse_other(head: Mapping[str, Any], origin: Mapping[str, str], path: Path) -> None:
    said = {
        "input": "the input is not the file that this output was begun from",
        "map": "the map is not the one that this output was begun with",
        "client": "the service or the client is not the one that this output was begun with",
    }
    for name, text in said.items():
        if head.get(name) != origin[name]:
            beside = f"{path.stem}.part, {path.name} and {path.stem}.errors.jsonl"
            raise NotImportable(f"{text}; to begin anew, remove {beside}")


def _digest(source: Path, seed: str) -> str:
    """What tells the input from another. Slow on purpose: a file may hold a single number, easily guessed."""
    digest = hashlib.sha256()
    with source.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return hashlib.scrypt(digest.digest(), salt=seed.encode(), n=2**14, r=8, p=1).hex()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """The file under a lock. Raises `NotImportable` if another run is at work."""
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(locked(path))
        except Busy as error:
            raise NotImportable(str(error)) from None
        yield file


def _lines(path: Path) -> tuple[list[dict[str, Any]], int]:
    """The first and the last whole line, and where the last ends; what a sudden end cut off is left out."""
    found, whole = list[dict[str, Any]](), 0
    with path.open("rb") as file:
        for raw in file:
            parsed = _object(raw)
            if parsed is None:
                break
            found, whole = [*found[:1], parsed], whole + len(raw)
    return found, whole


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        parsed = load_json(raw) if raw.endswith(b"\n") else None
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _line(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields).encode() + b"\n"
