"""What must not be shared with a child process is dropped in it: sockets, and locks that a thread held."""

import os
import weakref
from typing import Final, Protocol


class ForkAware(Protocol):
    """Something that a process must not share with the one it was forked from."""

    def after_fork(self) -> None:
        """Called in the child, before anything else runs there."""
        ...


_WATCHED: Final[weakref.WeakSet[ForkAware]] = weakref.WeakSet()


def watch(shared: ForkAware) -> None:
    """Has `shared.after_fork` called in every child process, for as long as `shared` lives."""
    _WATCHED.add(shared)


def _in_child() -> None:
    for shared in list(_WATCHED):
        shared.after_fork()


# Windows has no fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
