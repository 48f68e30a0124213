"""Work in a child process, which says with its exit code whether it went well.

Run as a program, a parent and two children send requests at once over a transport made before the forks.
"""

import ctypes
import os
import sys
import traceback
from collections.abc import Callable
from functools import partial

from tokenvault_client import Client
from tokenvault_client.http import HttpTransport

REQUESTS = 40
FORKS: dict[str, Callable[[], int]] = {"python": os.fork, "c": ctypes.PyDLL(None).fork}
"""Python's own fork, and that of the C library, which runs none of Python's hooks."""


def in_child(work: Callable[[], None], fork: Callable[[], int] = os.fork) -> int:
    """Begins the work in a child process, whose exit code says whether it raised; gives its process id."""
    child = fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001  # whatever it is, the exit code says so
            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def ended(child: int) -> int:
    """The exit code of a child process."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def assert_types(client: Client) -> None:
    assert client.types()


def ask(transport: HttpTransport, name: str) -> None:
    """Requests whose answers say what was asked: another process's answer would be another name."""
    for number in range(REQUESTS):
        answer = transport.send("GET", f"/v1/tokens/{name}-{number}", {}, None)
        assert f'"{name}-{number}"'.encode() in answer.body


def main(url: str, fork: str) -> None:
    """Raises if an answer was another process's."""
    transport = HttpTransport(url, 10)
    transport.send("GET", "/v1/tokens/before", {}, None)
    children = [in_child(partial(ask, transport, name), FORKS[fork]) for name in ("first", "second")]
    ask(transport, "parent")
    assert [ended(child) for child in children] == [0, 0]


if __name__ == "__main__":
    main(*sys.argv[1:])
