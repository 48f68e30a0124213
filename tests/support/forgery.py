"""What somebody who can write to a table could make of an item."""

from typing import Any


def variants(item: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The item with one byte of one attribute changed, each byte once."""
    changed = []
    for name, attribute in item.items():
        if name in ("pk", "sk"):
            continue
        [(kind, content)] = attribute.items()
        raw = bytes(content) if kind == "B" else content.encode()
        for position in range(len(raw)):
            forged = bytearray(raw)
            forged[position] ^= 1
            changed.append(
                (
                    f"{name}[{position}]",
                    {**item, name: {kind: bytes(forged) if kind == "B" else forged.decode()}},
                )
            )
    return changed
