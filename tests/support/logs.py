"""What the app logs while a test looks."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.telemetry import logger


@contextmanager
def captured_logs() -> Iterator[io.StringIO]:
    """Everything that any logger says at any level, and our own lines."""
    stream = io.StringIO()
    root, plain = logging.getLogger(), logging.StreamHandler(stream)
    before, ours = root.level, logger().registered_handler
    root.addHandler(plain)
    root.setLevel(logging.DEBUG)
    # Not by `setStream`, which flushes what was there: a stream of pytest's, closed with its test perhaps.
    elsewhere, ours.stream = ours.stream, stream
    try:
        yield stream
    finally:
        ours.stream = elsewhere
        root.removeHandler(plain)
        root.setLevel(before)


@contextmanager
def captured_lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Gives the structured log lines since the last look, parsed."""
    with captured_logs() as stream:

        def lines() -> list[dict[str, Any]]:
            text = stream.getvalue()
            stream.seek(0)
            stream.truncate()
            return [json.loads(line) for line in text.splitlines() if line.startswith('{"')]

        yield lines
