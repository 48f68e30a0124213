"""What tests of exports over S3 have in the vault, and how they run."""

import itertools
from collections.abc import Callable
from typing import Any

from bulklib.export_carrying import RESERVE_SECONDS

TEXTS = 60
VALUES = sorted(f"sentinel value {n}" for n in range(TEXTS))


def seconds(pages: int) -> Callable[[], float]:
    """A run's time, which is enough for so many pages."""
    left = itertools.chain([900.0] * pages, itertools.repeat(RESERVE_SECONDS))
    return lambda: next(left)


def values(entries: list[Any]) -> list[str]:
    return sorted(entry["value"] for entry in entries)
