"""What is imported: what an execution is asked for, and the same once it is pinned to versions of objects.

All of it stands in the history of executions, so none of it is a value: names, versions, lengths.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from tokenvault_client.bulk.errors import NotImportable

_VERSION: Final = re.compile(r"[A-Za-z0-9._~-]{1,1024}")
_REQUEST: Final = frozenset({"key", "version_id", "map", "map_version_id", "max_errors"})
_MAX_KEY: Final = 900
"""Bytes: S3 takes 1,024, and the keys of what is written begin with that of the file."""


@dataclass(frozen=True)
class Request:
    """An execution's input: the keys of the file and of its map. Without versions, the newest ones."""

    key: str
    map: str
    version_id: str | None = None
    map_version_id: str | None = None
    max_errors: int = 100

    @classmethod
    def of(cls, document: object, prefix: str) -> "Request":
        """From JSON. Raises `NotImportable` with the field at fault, for one that leaves the prefix too."""
        if not isinstance(document, dict) or not set(document) <= _REQUEST:
            raise NotImportable(f"input: an object with no other fields than {', '.join(sorted(_REQUEST))}")
        for name in ("key", "map"):
            _check_key(name, document.get(name), prefix)
        for name in ("version_id", "map_version_id"):
            version = document.get(name)
            if version is not None and not (isinstance(version, str) and _VERSION.fullmatch(version)):
                raise NotImportable(f"input: {name}: the id of a version, as S3 has it")
        errors = document.get("max_errors", 100)
        if type(errors) is not int or not 0 <= errors <= 10**12:
            raise NotImportable("input: max_errors: a whole number, 0 or more")
        return cls(**document)


@dataclass(frozen=True)
class Job:
    """A file to import, pinned, and the client that it is taken in as. `place` is the prefix of everything
    that is written for it.

    `lead` is how many bytes at the file's beginning tell how its rows are cut (the first record of CSV, a
    byte-order mark); its rows begin at `start`. `max_errors` bad cells of a part are accepted.
    """

    key: str
    version_id: str
    etag: str
    size: int
    map: str
    map_version_id: str
    map_digest: str
    client: str
    format: str
    place: str
    lead: int
    start: int
    max_errors: int

    @property
    def identity(self) -> str:
        """What idempotency keys follow from: the version of the file, and the map. Clients share none."""
        return f"{self.key}\n{self.version_id}\n{self.map_digest}"

    @property
    def suffix(self) -> str:
        """The ending of the file's name, with its dot; it says which delimiter a CSV file has."""
        name = self.key.rpartition("/")[2]
        return f".{name.rpartition('.')[2]}" if "." in name else f".{self.format}"

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Job":
        """From JSON that `document` made."""
        return cls(**document)


def digest_of(version_id: str, map_digest: str, client: str) -> str:
    """What tells places of results of a key apart: each version, map and client has its own."""
    return hashlib.sha256(f"{version_id}\n{map_digest}\n{client}".encode()).hexdigest()[:16]


def _check_key(name: str, key: object, prefix: str) -> None:
    if not isinstance(key, str) or not key or len(key.encode(errors="replace")) > _MAX_KEY:
        raise NotImportable(f"input: {name}: the key of an object is needed, of at most {_MAX_KEY} bytes")
    if not key.startswith(prefix):
        raise NotImportable(f"input: {name}: must begin with {prefix}")
