"""A launcher for the tests of what it does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local import processes
from tests.unit.local.launcher import Launcher


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[Launcher]:
    """A launcher that has nothing running; what a failed test leaves is taken down by the claims."""
    made = Launcher(tmp_path / "state")
    yield made
    for name in ("launcher.pid", "emulator.pid"):
        processes.stop(made.state / name)
