"""Lines for the user, on whatever terminal or pipe there is."""

import contextlib
import io
from typing import TextIO


def say(text: str) -> None:
    """One line of progress. Raises `BrokenPipeError` when nobody reads any more."""
    print(text, flush=True)


def say_if_heard(text: str) -> None:
    """The same while taking things down, which goes on when nobody reads."""
    with contextlib.suppress(OSError, ValueError):
        say(text)


def tolerant(stream: TextIO) -> None:
    """A character that the terminal's encoding does not have is written as its number, and ends nothing."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
