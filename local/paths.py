"""Where a stack keeps its files, and where it answers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
"""The checkout."""


@dataclass(frozen=True)
class StackPaths:
    """Where a stack keeps its files and which ports it takes.

    `endpoint` is the address of a running emulator that the stack is put on; without one it starts its own.
    """

    state: Path
    emulator_port: int = 4566
    gateway_port: int = 8000
    endpoint: str | None = None

    @property
    def logs(self) -> Path:
        """What the servers and functions say."""
        return self.state / "logs"

    @property
    def launcher_pid(self) -> Path:
        """The launcher's claim."""
        return self.state / "launcher.pid"

    @property
    def emulator_pid(self) -> Path:
        """The emulator's claim."""
        return self.state / "emulator.pid"

    @property
    def emulator_url(self) -> str:
        """Where the emulator answers."""
        return self.endpoint or f"http://127.0.0.1:{self.emulator_port}"

    @property
    def url(self) -> str:
        """Where the API answers."""
        return f"http://127.0.0.1:{self.gateway_port}"


def relative(path: Path) -> Path:
    """A path as it is shorter to read: within the checkout, from there."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
