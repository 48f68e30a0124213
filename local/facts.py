"""What other programs need to use a running stack, in files: `stack.env`, with others beside it."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_FACTS: Final = "stack.env"
_CLIENTS: Final = "clients.json"
_RECEIPT_KEY: Final = "receipts.der"


@dataclass(frozen=True)
class Facts:
    """Where a stack answers, who may call it, and the public key (DER) of what it signs for others."""

    environment: Mapping[str, str]
    clients: Sequence[Mapping[str, Any]]
    receipt_key: bytes

    @property
    def url(self) -> str:
        """Where the API answers."""
        return self.environment["TOKENVAULT_URL"]


def write(state: Path, facts: Facts) -> None:
    """Writes all, the one that others wait for last. Clients' secrets are for this user only."""
    descriptor = os.open(state / _CLIENTS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(list(facts.clients), file, indent=1)
    (state / _RECEIPT_KEY).write_bytes(facts.receipt_key)
    lines = [f"{name}={value}\n" for name, value in facts.environment.items()]
    whole = state / f"{_FACTS}.new"
    whole.write_text("".join(lines), encoding="utf-8")
    whole.replace(state / _FACTS)


def read(state: Path) -> Facts | None:
    """The facts of the stack that wrote them last, or None when it took them away again."""
    try:
        lines = (state / _FACTS).read_text(encoding="utf-8").splitlines()
        clients = json.loads((state / _CLIENTS).read_text(encoding="utf-8"))
        receipt_key = (state / _RECEIPT_KEY).read_bytes()
    except (OSError, ValueError):
        return None
    return Facts(dict(line.split("=", 1) for line in lines), clients, receipt_key)


def remove(state: Path) -> bool:
    """Takes all away, and says whether there was any."""
    found = [file for name in (_FACTS, _CLIENTS, _RECEIPT_KEY) if (file := state / name).exists()]
    for file in found:
        file.unlink(missing_ok=True)
    return bool(found)
