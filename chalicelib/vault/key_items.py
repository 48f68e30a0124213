"""The keys table: what a tenant's keys look like as DynamoDB items. Pure."""

from collections.abc import Iterable
from typing import Final

from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item, primary_key
from chalicelib.vault.keys import TenantKeys, WrappedBranchKey, WrappedPrfKey, prf_number

BRANCH: Final = "branch#"
READY: Final = "ready#"
HELD: Final = "held#"
TENANTS: Final = "#tenants"
"""Partition of the names of all tenants that ever had keys. No tenant's: names hold no `#`."""


def branch_item(key: WrappedBranchKey) -> Item:
    """The item that holds a version."""
    return {
        **primary_key(key.tenant, BRANCH + key.key_id),
        "created": {"N": str(key.created)},
        "wrapped_private": {"B": key.wrapped_private},
        "wrapped_bundle": {"B": key.wrapped_bundle},
        **({} if key.retired is None else {"retired": {"N": str(key.retired)}}),
    }


def ready_item(key: WrappedBranchKey | WrappedPrfKey, now: int) -> Item:
    """The item that says that a key with these contents has been seen in every Region, at this Unix time."""
    named = primary_key(key.tenant, READY + key.key_id)
    return {**named, "at": {"N": str(now)}, "contents": {"B": key.digest}}


def held_item(region: str, key: WrappedBranchKey | WrappedPrfKey) -> Item:
    """The mark of a Region: what it holds under the key's id."""
    return {**primary_key(key.tenant, f"{HELD}{region}#{key.key_id}"), "contents": {"B": key.digest}}


def prf_item(key: WrappedPrfKey) -> Item:
    """The item that holds a PRF key."""
    return {
        **primary_key(key.tenant, key.key_id),
        "created": {"N": str(key.created)},
        "wrapped": {"B": key.wrapped},
    }


def parse_prf(item: Item) -> WrappedPrfKey:
    """The PRF key that an item holds. Raises `RecordCorrupt` if it holds none."""
    try:
        tenant, number = item["pk"]["S"], prf_number(item["sk"]["S"])
        if number is None:
            raise RecordCorrupt("a key item does not parse")
        return WrappedPrfKey(tenant, int(item["created"]["N"]), bytes(item["wrapped"]["B"]), number)
    except (KeyError, TypeError, ValueError):
        raise RecordCorrupt("a key item does not parse") from None


def parse_branch(item: Item) -> WrappedBranchKey:
    """The version that an item holds. Raises `RecordCorrupt` if it holds none."""
    try:
        return WrappedBranchKey(
            tenant=item["pk"]["S"],
            key_id=item["sk"]["S"].removeprefix(BRANCH),
            created=int(item["created"]["N"]),
            wrapped_private=bytes(item["wrapped_private"]["B"]),
            wrapped_bundle=bytes(item["wrapped_bundle"]["B"]),
            retired=int(item["retired"]["N"]) if "retired" in item else None,
        )
    except (KeyError, TypeError, ValueError):
        raise RecordCorrupt("a key item does not parse") from None


def parse_tenant_keys(items: Iterable[Item]) -> TenantKeys:
    """The keys that the items of one tenant hold, in any order; items of other kinds are passed over.

    Raises `RecordCorrupt`.
    """
    by_sort = {str(item["sk"]["S"]): item for item in items}
    versions = tuple(parse_branch(item) for sort, item in by_sort.items() if sort.startswith(BRANCH))
    prf_keys = [parse_prf(item) for sort, item in by_sort.items() if prf_number(sort) is not None]
    # Regions may have made two PRF keys of one number. No two versions have one id: what stands under it and
    # is another was put there, and is refused when it is unwrapped.
    held = {key.key_id: key.digest for key in prf_keys}
    marks = {sort.removeprefix(READY): item for sort, item in by_sort.items() if sort.startswith(READY)}
    return TenantKeys(
        versions=versions,
        ready=frozenset(key_id for key_id, mark in marks.items() if _is_of(mark, held.get(key_id))),
        prf_keys={key.number: key for key in prf_keys},
        ready_since={key_id: since for key_id, mark in marks.items() if (since := _since(mark)) is not None},
        marks=dict(_parse_mark(item) for sort, item in by_sort.items() if sort.startswith(HELD)),
    )


def _parse_mark(item: Item) -> tuple[tuple[str, str], bytes]:
    try:
        region, key_id = item["sk"]["S"].removeprefix(HELD).split("#")
        return (region, key_id), bytes(item["contents"]["B"])
    except (KeyError, TypeError, ValueError):
        raise RecordCorrupt("a key item does not parse") from None


def _is_of(mark: Item, digest: bytes | None) -> bool:
    """Whether a key that is ready is the one held here, if one is. An earlier release names no contents."""
    try:
        return digest is None or "contents" not in mark or bytes(mark["contents"]["B"]) == digest
    except (KeyError, TypeError):
        raise RecordCorrupt("a key item does not parse") from None


def _since(mark: Item) -> int | None:
    try:
        return int(mark["at"]["N"]) if "at" in mark else None
    except (KeyError, TypeError, ValueError):
        raise RecordCorrupt("a key item does not parse") from None
