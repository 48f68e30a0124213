"""How far an export is: a line that is written over at a terminal, plain lines elsewhere."""

from collections.abc import Callable
from time import monotonic
from typing import TextIO

from tokenvault_client.bulk.progress import Reporting


class Progress(Reporting):
    """Tells of it every now and then. `tokens` and `walked` are where this run took over."""

    def __init__(
        self,
        stream: TextIO | None,
        tokens: int,
        walked: float,
        *,
        terminal: bool = False,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(stream, terminal=terminal, clock=clock)
        self._tokens, self._walked = tokens, walked

    def tell(self, tokens: int, failed: int, walked: float) -> None:
        """Says how far it came, unless it said so only just now."""
        self.report(lambda: self.line(tokens, failed, walked))

    def line(self, tokens: int, failed: int, walked: float) -> str:
        """The progress in words."""
        speed = (tokens - self._tokens) / self.seconds
        parts = [f"{tokens:,} tokens", f"{walked:.0%} of the vault", f"{speed:,.0f} tokens/s"]
        return ", ".join(
            [*parts, *self.left(walked, self._walked), *([f"{failed:,} failed"] if failed else [])]
        )
