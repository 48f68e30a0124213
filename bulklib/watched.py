"""How each step of a function ends: a line of it, and one of two kinds of error."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bulklib import telemetry
from bulklib.errors import translated


@contextmanager
def watched(step: str, facts: Mapping[str, Any]) -> Iterator[dict[str, float]]:
    """Writes the step's line, however it ends, and lets no other errors out than those of `translated`."""
    counted, began, outcome = dict[str, float](), time.monotonic(), "failed"
    try:
        with translated():
            yield counted
        outcome = "done"
    finally:
        counted["BulkSeconds"] = time.monotonic() - began
        telemetry.write(sys.stdout, time.time(), step, {**facts, "outcome": outcome}, counted)
