"""The keys table: what one version of a tenant's branch key looks like at rest. Pure.

Each version is one item, written once under a random id, so both of its wrapped halves are there
or neither is. A second write-once item marks it *ready*: seen in every Region, so that no Region
is handed a record whose key has not arrived yet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chalicelib.errors import RecordCorrupt

BRANCH: Final = "branch#"
READY: Final = "ready#"


@dataclass(frozen=True)
class WrappedBranchKey:
    """One version of a branch key, both parts wrapped under their KEKs. `created` is a Unix time."""

    tenant: str
    key_id: str
    created: int
    wrapped_private: bytes = field(repr=False)
    wrapped_bundle: bytes = field(repr=False)


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
class BranchKeys:
    """All versions of a tenant's branch key, and which of them are ready to write with."""

    versions: tuple[WrappedBranchKey, ...]
    ready: frozenset[str]

    @classmethod
    def parse(cls, items: Iterable[Mapping[str, Any]]) -> "BranchKeys":
        """From the items of one tenant, in any order; items of other kinds are passed over."""
        listed = list(items)
        ids = [str(item["sk"]["S"]) for item in listed]
        return cls(
            versions=tuple(
                parse_branch(i) for i, sk in zip(listed, ids, strict=True) if sk.startswith(BRANCH)
            ),
            ready=frozenset(sk.removeprefix(READY) for sk in ids if sk.startswith(READY)),
        )

    @property
    def newest_ready(self) -> WrappedBranchKey | None:
        """The version to write with: the greatest (time, id) among those that are ready."""
        usable = (version for version in self.versions if version.key_id in self.ready)
        return max(usable, key=lambda version: (version.created, version.key_id), default=None)

    @property
    def waiting(self) -> tuple[WrappedBranchKey, ...]:
        """Versions that are not ready yet."""
        return tuple(version for version in self.versions if version.key_id not in self.ready)
