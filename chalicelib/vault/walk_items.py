"""Walks over records as items of the keys table. Pure."""

from typing import Final

from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item, primary_key
from chalicelib.vault.walks import Walk

_WALK: Final = "#walk"
"""Behind the tenant in the partition of its walks: no tenant's own, since names hold no `#`."""


def walk_key(tenant: str, region: str, part: int | None = None) -> Item:
    """Where a Region's walk over a tenant's records lies, or over one segment of them."""
    return primary_key(walk_partition(tenant), region if part is None else f"{part_prefix(region)}{part:02}")


def walk_partition(tenant: str) -> str:
    """The partition that holds all walks over a tenant's records."""
    return tenant + _WALK


def part_prefix(region: str) -> str:
    """What the sort keys of a Region's walks over single segments begin with."""
    return f"{region}#"


def walk_item(walk: Walk, region: str) -> Item:
    """The item that holds a walk."""
    return {
        **walk_key(walk.tenant, region, walk.part),
        "begun": {"N": str(walk.begun)},
        "moves": {"BOOL": walk.moves},
        "newest": {"S": walk.newest},
        "segment": {"N": str(walk.segment)},
        "position": {"NULL": True} if walk.position is None else {"M": dict(walk.position)},
        "seen": {"N": str(walk.seen)},
        "seen_before": {"N": str(walk.seen_before)},
        "counts": {"M": {key_id: {"N": str(count)} for key_id, count in walk.counts.items()}},
        "page": {"L": [{"S": token} for token in walk.page]},
        "revision": {"N": str(walk.revision)},
        **({} if walk.part is None else {"part": {"N": str(walk.part)}}),
        "put_down": {"N": str(walk.put_down)},
    }


def parse_walk(item: Item) -> Walk:
    """The walk that an item holds. Raises `RecordCorrupt` if it holds none."""
    try:
        return Walk(
            tenant=item["pk"]["S"].removesuffix(_WALK),
            begun=int(item["begun"]["N"]),
            moves=bool(item["moves"]["BOOL"]),
            newest=item["newest"]["S"],
            segment=int(item["segment"]["N"]),
            position=item["position"].get("M"),
            seen=int(item["seen"]["N"]),
            seen_before=int(item["seen_before"]["N"]),
            counts={key_id: int(count["N"]) for key_id, count in item["counts"]["M"].items()},
            page=tuple(token["S"] for token in item["page"]["L"]),
            revision=int(item["revision"]["N"]),
            part=int(item["part"]["N"]) if "part" in item else None,
            put_down=int(item["put_down"]["N"]) if "put_down" in item else 0,
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RecordCorrupt(f"a walk over records does not parse: {how_to_mend(item)}") from None


def how_to_mend(item: Item) -> str:
    """What an operator does about the item of a walk that does not parse: it holds nothing but its place."""
    place = f"pk {item['pk']['S']}, sk {item['sk']['S']}"
    return f"delete its item from the keys table ({place}), and begin the walk again"
