"""How big DynamoDB says an item is, and the units that it takes for it.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from typing import Any, Final

WRITE_UNIT_BYTES: Final = 1024
READ_UNIT_BYTES: Final = 4096


def item_bytes(item: dict[str, Any]) -> int:
    """Names in UTF-8 and values, as they go over the wire (binary values in base64)."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def units(size: int, unit: int) -> int:
    """Sizes are rounded up to whole units; what is not there costs one, too."""
    return max(1, -(-size // unit))


def _value_bytes(value: dict[str, Any]) -> int:
    [(kind, held)] = value.items()
    if kind == "S":
        return len(held.encode())
    if kind == "N":
        return len(held) // 2 + 1
    if kind == "B":
        return len(held) * 3 // 4 - held.count("=")
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_bytes(entry) for name, entry in held.items())
    if kind == "L":
        return 3 + sum(1 + _value_bytes(entry) for entry in held)
    return 1
