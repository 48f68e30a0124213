"""The keys table: what a tenant's keys look like at rest. Pure.

Each version of the branch key is one item, written once under a random id, so both of its wrapped
halves are there or neither is. The PRF key is one item under a fixed name: there is only ever one, the
maintenance function of one Region makes it, and its condition lets the first stand. A second
write-once item marks a key *ready*: seen in every Region, so that no Region is handed a record, or
derives a token, with a key that has not arrived yet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chalicelib.errors import RecordCorrupt

BRANCH: Final = "branch#"
READY: Final = "ready#"
PRF: Final = "prf"
"""Sort key and key id of a tenant's PRF key."""


@dataclass(frozen=True)
class WrappedBranchKey:
    """One version of a branch key, both parts wrapped under their KEKs. `created` is in Unix milliseconds."""

    tenant: str
    key_id: str
    created: int
    wrapped_private: bytes = field(repr=False)
    wrapped_bundle: bytes = field(repr=False)


@dataclass(frozen=True)
class WrappedPrfKey:
    """A tenant's PRF key, wrapped under the index KEK. `created` is in Unix milliseconds."""

    tenant: str
    created: int
    wrapped: bytes = field(repr=False)


def branch_item(key: WrappedBranchKey) -> dict[str, Any]:
    """The item that holds a version."""
    return {
        "pk": {"S": key.tenant},
        "sk": {"S": BRANCH + key.key_id},
        "created": {"N": str(key.created)},
        "wrapped_private": {"B": key.wrapped_private},
        "wrapped_bundle": {"B": key.wrapped_bundle},
    }


def ready_item(tenant: str, key_id: str) -> dict[str, Any]:
    """The item that says that a version has been seen in every Region."""
    return {"pk": {"S": tenant}, "sk": {"S": READY + key_id}}


def prf_item(key: WrappedPrfKey) -> dict[str, Any]:
    """The item that holds a PRF key."""
    return {
        "pk": {"S": key.tenant},
        "sk": {"S": PRF},
        "created": {"N": str(key.created)},
        "wrapped": {"B": key.wrapped},
    }


def parse_prf(item: Mapping[str, Any]) -> WrappedPrfKey:
    """The PRF key that an item holds. Raises `RecordCorrupt` where it holds none."""
    try:
        return WrappedPrfKey(item["pk"]["S"], int(item["created"]["N"]), bytes(item["wrapped"]["B"]))
    except (KeyError, TypeError, ValueError):
        raise RecordCorrupt("a key item does not parse") from None


def parse_branch(item: Mapping[str, Any]) -> WrappedBranchKey:
    """The version that an item holds. Raises `RecordCorrupt` where it holds none."""
    try:
        return WrappedBranchKey(
            tenant=item["pk"]["S"],
            key_id=item["sk"]["S"].removeprefix(BRANCH),
            created=int(item["created"]["N"]),
            wrapped_private=bytes(item["wrapped_private"]["B"]),
            wrapped_bundle=bytes(item["wrapped_bundle"]["B"]),
        )
    except (KeyError, TypeError, ValueError):
        raise RecordCorrupt("a key item does not parse") from None


@dataclass(frozen=True)
class TenantKeys:
    """All versions of a tenant's branch key, its PRF key, and the ids of those that are ready."""

    versions: tuple[WrappedBranchKey, ...]
    ready: frozenset[str]
    prf: WrappedPrfKey | None = None

    @classmethod
    def parse(cls, items: Iterable[Mapping[str, Any]]) -> "TenantKeys":
        """From the items of one tenant, in any order; items of other kinds are passed over."""
        listed = list(items)
        ids = [str(item["sk"]["S"]) for item in listed]
        return cls(
            versions=tuple(
                parse_branch(i) for i, sk in zip(listed, ids, strict=True) if sk.startswith(BRANCH)
            ),
            ready=frozenset(sk.removeprefix(READY) for sk in ids if sk.startswith(READY)),
            prf=next((parse_prf(i) for i, sk in zip(listed, ids, strict=True) if sk == PRF), None),
        )

    @property
    def newest_ready(self) -> WrappedBranchKey | None:
        """The version to write with: the greatest (time, id) among those that are ready."""
        usable = (version for version in self.versions if version.key_id in self.ready)
        return max(usable, key=lambda version: (version.created, version.key_id), default=None)

    @property
    def ready_prf(self) -> WrappedPrfKey | None:
        """The PRF key, once every Region has seen it."""
        return self.prf if PRF in self.ready else None

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all keys that are there."""
        return frozenset(version.key_id for version in self.versions) | ({PRF} if self.prf else set())
