"""A client that was made before a fork shares no socket and no lock with the process it was forked from."""

import ctypes
import os
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from ssl import create_default_context

import pytest
from tokenvault_client import Client, Retries
from tokenvault_client.http import HttpTransport

from tests.client.service import Service

REQUESTS = 40
C_FORK = ctypes.PyDLL(None).fork
"""The fork of the C library, which runs none of Python's hooks."""


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


def ask(transport: HttpTransport, name: str) -> None:
    """Requests whose answers say what was asked: another process's answer would be another name."""
    for number in range(REQUESTS):
        answer = transport.send("GET", f"/v1/tokens/{name}-{number}", {}, None)
        assert f'"{name}-{number}"'.encode() in answer.body


@pytest.mark.parametrize("fork", [os.fork, C_FORK], ids=["python", "c"])
def test_each_process_gets_its_own_answers(service: Service, fork: Callable[[], int]) -> None:
    """Parent and two children at once, over a transport that had a connection open before."""
    transport = HttpTransport(service.url, 10)
    transport.send("GET", "/v1/tokens/before", {}, None)
    children = [
        in_child(lambda: ask(transport, "first"), fork),
        in_child(lambda: ask(transport, "second"), fork),
    ]
    ask(transport, "parent")
    assert [ended(child) for child in children] == [0, 0]
    assert len(service.seen) == 1 + 3 * REQUESTS
    assert service.connections == 3


def test_no_tls_session_is_continued_by_two_processes(secured: Service, certificate: Path) -> None:
    """Two plaintexts under one key and nonce would give both away; the server would see a wrong MAC."""
    context = create_default_context(cafile=str(certificate))
    context.load_cert_chain(certificate)
    transport = HttpTransport(secured.url, 10, context)
    transport.send("GET", "/v1/tokens/before", {}, None)
    child = in_child(lambda: ask(transport, "child"))
    ask(transport, "parent")
    assert ended(child) == 0
    assert len(secured.seen) == 1 + 2 * REQUESTS
    assert secured.connections == 2


def test_a_lock_that_another_thread_held_is_free_in_the_child(service: Service) -> None:
    """A child that is forked while its parent asks for an access token would wait for it for ever."""
    client = Client(service.settings(), retries=Retries(attempts=1), timeout_seconds=5)
    asked, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        asked.set()
        go_on.wait(10)

    service.on_token_request = hold
    thread = threading.Thread(target=client.types)
    thread.start()
    assert asked.wait(10)
    service.on_token_request = go_on.set
    child = in_child(lambda: assert_types(client))
    assert ended(child) == 0
    thread.join()


def assert_types(client: Client) -> None:
    assert client.types()
