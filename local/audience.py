"""Whether somebody is still there: to read what the launcher says, or who started it."""

import os
import select
import signal
import sys
import threading
from typing import BinaryIO, Final

from local import processes

_GONE: Final = select.POLLHUP | select.POLLERR
_OURS: Final = (0, 1)


def end_without_audience() -> None:
    """Hangs this process up once its terminal is closed, or its standard output is a pipe that nobody reads.

    The kernel tells the first process of a terminal only; where that is `make`, which waits for its children,
    or a shell that waits likewise, nobody else would hear of it. A process that ignores hangups (`nohup`)
    goes on.
    """
    threading.Thread(target=_watch, daemon=True).start()


def end_with_standard_input() -> None:
    """Ends this process once the other end of its standard input is closed, as when its parent ends."""
    threading.Thread(target=_end_with, args=(sys.stdin.buffer,), daemon=True).start()


def _end_with(parent: BinaryIO) -> None:
    processes.wait_for_end(parent)
    os.kill(os.getpid(), signal.SIGTERM)


def _watch() -> None:
    poll = select.poll()
    for descriptor in _watched():
        poll.register(descriptor, 0)  # what is gone is always told
    if any(event & _GONE for _, event in poll.poll()):
        os.kill(os.getpid(), signal.SIGHUP)


def _watched() -> list[int]:
    """Of standard input only a terminal counts: a pipe that ends is an ordinary end of input."""
    return [descriptor for descriptor in _OURS if descriptor == 1 or os.isatty(descriptor)]
