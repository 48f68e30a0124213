"""How far an import is: a line that is written over at a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TextIO

_TERMINAL_SECONDS: Final = 0.5
_PLAIN_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Reached:
    """How far it came: rows, bad cells, the share of the input, and the requests that may be under way."""

    rows: int
    failed: int
    share: float
    requests: int


class Progress:
    """Tells of it every now and then. `began` is where this run took over; times are in seconds."""

    def __init__(
        self,
        stream: TextIO | None,
        began: Reached,
        *,
        terminal: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream, self._terminal, self._clock, self._began = stream, terminal, clock, began
        self._started = self._told = clock()
        self._width = 0

    def tell(self, reached: Reached) -> None:
        """Says how far it came, unless it said so only just now."""
        if self._clock() - self._told >= (_TERMINAL_SECONDS if self._terminal else _PLAIN_SECONDS):
            self._told = self._clock()
            self._write(self.line(reached))

    def end(self) -> None:
        """What comes next begins on a line of its own."""
        if self._width:
            self._write("")
            self._width = 0

    def line(self, reached: Reached) -> str:
        """The progress in words."""
        seconds = max(self._clock() - self._started, 1e-9)
        speed, share = (reached.rows - self._began.rows) / seconds, reached.share - self._began.share
        left = seconds * (1 - reached.share) / share if share > 0 else None
        parts = [
            f"{reached.rows:,} rows",
            f"{reached.share:.0%}",
            f"{speed:,.0f} rows/s",
            *([] if left is None else [f"{_duration(left)} left"]),
            f"{reached.requests} {'request' if reached.requests == 1 else 'requests'} at a time",
            *([f"{reached.failed:,} bad cells"] if reached.failed else []),
        ]
        return ", ".join(parts)

    def _write(self, line: str) -> None:
        if self._stream is None:
            return
        try:
            if self._terminal:
                self._stream.write(f"\r{line.ljust(self._width)}" if line else "\n")
                self._width = len(line)
            elif line:
                self._stream.write(f"{line}\n")
            self._stream.flush()
        except OSError:
            self._stream = None


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
    )
