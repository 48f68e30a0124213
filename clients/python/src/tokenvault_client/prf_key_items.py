"""Items of the keys table that hold a PRF key or say where it is ready. Pure: nothing is unwrapped."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

Item = Mapping[str, Any]

_PRF: Final = r"prf(?:-[0-9]{1,3})?"
_KINDS: Final = tuple(re.compile(kind + _PRF) for kind in ("", r"held#[a-z0-9-]+#", "ready#"))
"""Key, a Region's mark, and the word that all Regions have it: in this order they are to be written."""


def is_key(item: Item) -> bool:
    """Whether it holds a PRF key of a tenant."""
    return _kind(item) == 0


def others(old: Iterable[Item], restored: Iterable[Item]) -> list[str]:
    """PRF keys that two tables have under one name and that are not the same, by key and tenant."""
    there = {_place(item): item for item in restored}
    changed = [item for item in old if is_key(item) and there.get(_place(item), item) != item]
    return sorted("{1} of {0}".format(*_place(item)) for item in changed)


def to_take_over(old: Iterable[Item], restored: Iterable[Item]) -> list[Item]:
    """What of PRF keys is in the first table and not in the second, each key before what says of it."""
    there = {_place(item) for item in restored}
    lacking = [item for item in old if _kind(item) is not None and _place(item) not in there]
    return sorted(lacking, key=lambda item: (_kind(item), _place(item)))


def _kind(item: Item) -> int | None:
    tenant, name = _place(item)
    # Other partitions than a tenant's have a `#` in their names.
    found = (at for at, kind in enumerate(_KINDS) if "#" not in tenant and kind.fullmatch(name))
    return next(found, None)


def _place(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
