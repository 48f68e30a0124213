"""Lines for the user, on whatever terminal or pipe there is."""

import contextlib
import errno
import io
import os
import sys
from typing import Final, TextIO

_GONE: Final = (errno.EPIPE, errno.EIO)
"""What writing to a pipe without a reader fails with, and to a terminal whose window was closed."""


class UnheardError(BrokenPipeError):
    """Nobody reads any more: the reader of the pipe has gone, or the terminal was closed."""


def say(text: str) -> None:
    """One line of progress. Raises `UnheardError` when nobody reads any more."""
    try:
        print(text, flush=True)
    except OSError as problem:
        if problem.errno not in _GONE:
            raise
        drop_unread()
        raise UnheardError(*problem.args) from problem


def drop_unread() -> None:
    """Throws away what standard output still holds: the interpreter would fail once more as it flushes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say_if_heard(text: str) -> None:
    """The same while taking things down, which goes on when nobody reads."""
    with contextlib.suppress(OSError, ValueError):
        say(text)


def tolerant(stream: TextIO) -> None:
    """A character that the terminal's encoding does not have is written as its number, and ends nothing."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
