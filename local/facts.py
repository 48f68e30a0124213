"""What other programs need to use a running stack, in files: `stack.env`, and `clients.json` beside it."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_FACTS: Final = "stack.env"
_CLIENTS: Final = "clients.json"


@dataclass(frozen=True)
class Facts:
    """Where a stack answers, and who may call it."""

    environment: Mapping[str, str]
    clients: Sequence[Mapping[str, Any]]

    @property
    def url(self) -> str:
        """Where the API answers."""
        return self.environment["TOKENVAULT_URL"]


def write(state: Path, facts: Facts) -> None:
    """Writes both, the one that others wait for last. Clients' secrets are for this user only."""
    descriptor = os.open(state / _CLIENTS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(list(facts.clients), file, indent=1)
    lines = [f"{name}={value}\n" for name, value in facts.environment.items()]
    whole = state / f"{_FACTS}.new"
    whole.write_text("".join(lines), encoding="utf-8")
    whole.replace(state / _FACTS)


def read(state: Path) -> Facts | None:
    """The facts of the stack that wrote them last, or None when it took them away again."""
    try:
        lines = (state / _FACTS).read_text(encoding="utf-8").splitlines()
        clients = json.loads((state / _CLIENTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Facts(dict(line.split("=", 1) for line in lines), clients)


def remove(state: Path) -> bool:
    """Takes both away, and says whether there was one."""
    found = [file for name in (_FACTS, _CLIENTS) if (file := state / name).exists()]
    for file in found:
        file.unlink(missing_ok=True)
    return bool(found)
