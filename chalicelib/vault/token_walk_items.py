"""Walks over the tokens of a tenant as items of the keys table. Pure."""

from typing import Final

from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item, primary_key
from chalicelib.vault.token_walks import TokenWalk
from chalicelib.vault.walk_items import how_to_mend

_WALK: Final = "#tokens"
"""Behind the tenant in the partition of these walks: no tenant's own, since names hold no `#`."""


def token_walk_key(tenant: str, type_name: str, region: str) -> Item:
    """Where a Region's walk for a type lies."""
    return primary_key(tenant + _WALK, f"{region}#{type_name}")


def token_walk_item(walk: TokenWalk, region: str) -> Item:
    """The item that holds a walk."""
    return {
        **token_walk_key(walk.tenant, walk.type, region),
        "run": {"S": walk.run},
        "begun": {"N": str(walk.begun)},
        "walk_id": {"S": walk.walk_id},
        "segment": {"N": str(walk.segment)},
        "position": {"NULL": True} if walk.position is None else {"M": dict(walk.position)},
        "seen": {"N": str(walk.seen)},
        "seen_before": {"N": str(walk.seen_before)},
        "page": {"L": [{"S": token} for token in walk.page]},
        "revision": {"N": str(walk.revision)},
    }


def parse_token_walk(item: Item) -> TokenWalk:
    """The walk that an item holds. Raises `RecordCorrupt` if it holds none."""
    try:
        return TokenWalk(
            tenant=item["pk"]["S"].removesuffix(_WALK),
            type=item["sk"]["S"].partition("#")[2],
            run=str(item["run"]["S"]),
            begun=int(item["begun"]["N"]),
            walk_id=str(item["walk_id"]["S"]),
            segment=int(item["segment"]["N"]),
            position=item["position"].get("M"),
            seen=int(item["seen"]["N"]),
            seen_before=int(item["seen_before"]["N"]),
            page=tuple(str(token["S"]) for token in item["page"]["L"]),
            revision=int(item["revision"]["N"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RecordCorrupt(f"a walk over tokens does not parse: {how_to_mend(item)}") from None
