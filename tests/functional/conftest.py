"""The emulated account that functional tests share within a file."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.world import COMPOSITION_ROOT, World, world


@pytest.fixture
def account() -> Iterator[World]:
    """A fresh account for one test."""
    with world() as made:
        yield made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets so many seconds pass for every function."""
    real, passed = time.time, [0.0]

    class Time:
        time = staticmethod(lambda: real() + passed[0])

    for part in COMPOSITION_ROOT:
        monkeypatch.setattr(f"chalicelib.{part}.time", Time)
    return lambda seconds: passed.__setitem__(0, passed[0] + seconds)
