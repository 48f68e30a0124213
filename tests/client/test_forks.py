"""A client that was made before a fork shares no socket and no lock with the process it was forked from."""

import subprocess
import sys
import threading
from pathlib import Path
from ssl import create_default_context

import pytest
from tokenvault_client import Client, Retries
from tokenvault_client.http import HttpTransport

from tests.client import tool
from tests.client.children import REQUESTS, ask, assert_types, ended, in_child
from tests.client.service import Service

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("fork", ["python", "c"])
def test_each_process_gets_its_own_answers(service: Service, fork: str) -> None:
    """Parent and two children at once, over a transport that had a connection open before.

    In a program of one thread: the C library's fork leaves a child without Python's hooks whatever lock of
    the interpreter another thread holds.
    """
    program = [sys.executable, "-m", "tests.client.children", service.url, fork]
    done = subprocess.run(program, cwd=ROOT, env={"PYTHONPATH": str(tool.SOURCE)}, timeout=60, check=False)
    assert done.returncode == 0
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
