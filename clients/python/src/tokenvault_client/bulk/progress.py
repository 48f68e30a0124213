"""How far a long run is: a line that is written over at a terminal, plain lines elsewhere."""

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


class Reporting:
    """A line every now and then. Times are in seconds."""

    def __init__(
        self, stream: TextIO | None, *, terminal: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream, self._terminal, self._clock = stream, terminal, clock
        self._started = self._told = clock()
        self._width = 0

    @property
    def seconds(self) -> float:
        """How long it takes by now; never quite nothing."""
        return max(self._clock() - self._started, 1e-9)

    def report(self, line: Callable[[], str]) -> None:
        """Writes the line, unless one was written only just now."""
        if self._clock() - self._told >= (_TERMINAL_SECONDS if self._terminal else _PLAIN_SECONDS):
            self._told = self._clock()
            self._write(line())

    def end(self) -> None:
        """What comes next begins on a line of its own."""
        if self._width:
            self._write("")
            self._width = 0

    def left(self, share: float, began: float) -> list[str]:
        """How long it takes yet, if that can be told: `began` is the share where this run took over."""
        done = share - began
        return [f"{_duration(self.seconds * (1 - share) / done)} left"] if done > 0 else []

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


class Progress(Reporting):
    """Tells how far an import is. `began` is where this run took over."""

    def __init__(
        self,
        stream: TextIO | None,
        began: Reached,
        *,
        terminal: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(stream, terminal=terminal, clock=clock)
        self._began = began

    def tell(self, reached: Reached) -> None:
        """Says how far it came, unless it said so only just now."""
        self.report(lambda: self.line(reached))

    def line(self, reached: Reached) -> str:
        """The progress in words."""
        parts = [
            f"{reached.rows:,} rows",
            f"{reached.share:.0%}",
            f"{(reached.rows - self._began.rows) / self.seconds:,.0f} rows/s",
            *(self.left(reached.share, self._began.share) if reached.rows > self._began.rows else ()),
            f"{reached.requests} {'request' if reached.requests == 1 else 'requests'} at a time",
            *([f"{reached.failed:,} bad cells"] if reached.failed else []),
        ]
        return ", ".join(parts)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
    )
