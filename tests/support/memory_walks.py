"""Walks over records in memory: as items of a keys table, over the items of a vault table."""

import zlib
from collections.abc import Mapping
from typing import Any

from chalicelib.crypto.description import parse_description
from chalicelib.crypto.record_cipher import DESCRIPTION
from chalicelib.items import Item, place
from chalicelib.vault.token_items import RECORD
from chalicelib.vault.tokens import TokenKey
from chalicelib.vault.walk_items import parse_walk, walk_item, walk_key
from chalicelib.vault.walks import SEGMENTS, ScannedPage, Walk

Items = dict[tuple[str, str], Item]


class MemoryWalks:
    """A `WalkStore` of one Region."""

    def __init__(self, items: Items, region: str) -> None:
        self._items, self._region = items, region

    def find(self, tenant: str, part: int | None = None) -> Walk | None:
        item = self._items.get(place(walk_key(tenant, self._region, part)))
        return None if item is None else parse_walk(item)

    def parts(self, tenant: str) -> list[Walk]:
        found = [self.find(tenant, part) for part in range(SEGMENTS)]
        return [walk for walk in found if walk is not None]

    def save(self, walk: Walk, before: Walk | None) -> bool:
        if self.find(walk.tenant, walk.part) != before:
            return False
        item = walk_item(walk, self._region)
        self._items[place(item)] = item
        return True


class MemoryScanner:
    """A `RecordScanner`: items lie in segments by a hash of their partition key, in the order of keys."""

    def __init__(self, items: Items) -> None:
        self._items = items

    def scan(self, tenant: str, segment: int, position: Mapping[str, Any] | None, limit: int) -> ScannedPage:
        after = ("", "") if position is None else (position["pk"]["S"], position["sk"]["S"])
        left = sorted(key for key in self._items if _segment(key[0]) == segment and key > after)
        seen = left[:limit]
        records = tuple(
            (TokenKey.at(pk).token, parse_description(bytes(self._items[pk, sort][DESCRIPTION]["B"]))[0])
            for pk, sort in seen
            if sort == RECORD and pk.startswith(f"{tenant}#") and DESCRIPTION in self._items[pk, sort]
        )
        if len(left) <= limit:
            return ScannedPage(records, len(seen), None)
        return ScannedPage(records, len(seen), {"pk": {"S": seen[-1][0]}, "sk": {"S": seen[-1][1]}})


def _segment(partition: str) -> int:
    return zlib.crc32(partition.encode()) % SEGMENTS
