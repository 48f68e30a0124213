"""How a log line is written: one JSON object with what the caller passes and nothing more.

Powertools' own formatter also adds exceptions, frames and places in the code, which do not belong in our
lines or are always the same in them.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from aws_lambda_powertools.logging.formatter import BasePowertoolsFormatter


def _kind(thing: object) -> str:
    return type(thing).__name__


_ENCODER: Final = msgspec.json.Encoder(enc_hook=_kind)


class LineFormatter(BasePowertoolsFormatter):
    """Writes what a framework says through Powertools' logger as such a line.

    Never an exception or its traceback; `telemetry.RedactExceptions` removes them from the text.
    """

    def __init__(self) -> None:
        super().__init__()
        self._facts: dict[str, Any] = {}

    def append_keys(self, **keys: Any) -> None:
        """Adds facts to every line from now on, except those that are None."""
        self._facts = {name: fact for name, fact in {**self._facts, **keys}.items() if fact is not None}

    def remove_keys(self, keys: Iterable[str]) -> None:
        """Removes facts that were added."""
        for key in keys:
            self._facts.pop(key, None)

    def clear_state(self) -> None:
        """Removes all facts that were added."""
        self._facts = {}

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        said = {**self._facts, "message": record.getMessage()}
        return log_line(record.levelname, record.created, said)


def log_line(level: str, moment: float, facts: Mapping[str, Any]) -> str:
    """The line that says these facts. `moment` is a Unix time, and written in UTC (RFC 3339)."""
    at = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    line = {"level": level, "timestamp": at, **facts}
    try:
        return _ENCODER.encode(line).decode()
    except UnicodeEncodeError:
        # Half of a surrogate pair has no UTF-8. It must not cost the line, nor the metrics in it.
        return json.dumps(line, default=_kind)
