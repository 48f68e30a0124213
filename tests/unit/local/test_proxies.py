"""Behind a proxy: the registry is asked through it, and this machine never."""

import http.server
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import provider
from local.account import Account
from local.caller import send
from local.environment import NOWHERE, isolated
from local.sessions import session

ROOT = Path(__file__).resolve().parents[3]


class Proxy(http.server.BaseHTTPRequestHandler):
    """Notes what it is asked for; opens tunnels, or refuses them."""

    asked: list[tuple[str, str, str | None]]
    status = 200

    def do_CONNECT(self) -> None:
        self.asked.append((self.command, self.path, self.headers.get("Proxy-Authorization")))
        self.send_response(self.status)
        self.end_headers()

    def do_GET(self) -> None:
        self.asked.append((self.command, self.path, None))
        self.send_error(502)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def proxy() -> Iterator[tuple[type[Proxy], str]]:
    """A proxy on a free port, and its address without the scheme."""
    handler = type("Handler", (Proxy,), {"asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield handler, f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("scheme", ["", "http://"])
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_the_registry_is_asked_through_the_proxy(proxy, name, scheme):
    """As Terraform itself would; with the proxy's credentials when the address holds some."""
    handler, address = proxy
    assert provider.reachable({name: f"{scheme}{address}"})
    assert provider.reachable({name: f"http://me:p%40ss@{address}"})
    assert handler.asked == [
        ("CONNECT", "registry.terraform.io:443", None),
        ("CONNECT", "registry.terraform.io:443", "Basic bWU6cEBzcw=="),
    ]


def test_a_proxy_that_refuses_leads_nowhere(proxy):
    """Nor does one that is not there."""
    handler, address = proxy
    handler.status = 407
    assert not provider.reachable({"HTTPS_PROXY": f"http://{address}"})
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert not provider.reachable({"HTTPS_PROXY": f"http://127.0.0.1:{port}"})


@pytest.mark.parametrize(
    "passed_by", ["registry.terraform.io", ".terraform.io", "other, *.terraform.io", "*"]
)
def test_what_is_excepted_is_not_asked_through_it(proxy, passed_by, monkeypatch):
    """NO_PROXY names hosts and domains."""
    handler, address = proxy
    monkeypatch.setattr(provider, "REACH_SECONDS", 0.2)
    provider.reachable({"HTTPS_PROXY": f"http://{address}", "NO_PROXY": passed_by})
    assert handler.asked == []


def test_init_asks_through_the_proxy_only_when_nothing_is_nearer(proxy, tmp_path):
    """With a proxy that opens tunnels, no disk is searched: Terraform finds its way by itself."""
    _, address = proxy
    environment = {"HTTPS_PROXY": address, "HOME": str(tmp_path), "XDG_DATA_DIRS": str(tmp_path)}
    assert provider.find_mirror(environment, tmp_path / "memory") is None


def test_this_machine_is_never_asked_through_a_proxy(proxy, monkeypatch):
    """Neither by our own requests nor by boto3's."""
    handler, address = proxy
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://{address}")
    with socket.create_server(("127.0.0.1", 0)) as there:
        port = there.getsockname()[1]
        threading.Thread(target=_answer, args=(there, 2), daemon=True).start()
        assert send("GET", f"http://127.0.0.1:{port}/", {}, None).body == {"TableNames": []}
        account = Account(f"http://127.0.0.1:{port}", "us-east-1")
        assert account.client("dynamodb").list_tables()["TableNames"] == []
    assert handler.asked == []


def _answer(there: socket.socket, times: int) -> None:
    for _ in range(times):
        connection, _ = there.accept()
        connection.recv(65536)
        connection.sendall(
            b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\nConnection: close\r\n\r\n{"TableNames":[]}'
        )
        connection.close()


def test_no_setting_of_the_shell_reaches_a_process_of_ours():
    """Profiles, endpoints, files and what localstack's tools read stay outside; the rest goes along."""
    shell = {
        "AWS_PROFILE": "nope",
        "AWS_ENDPOINT_URL": "http://elsewhere",
        "AWS_CA_BUNDLE": "/nope",
        "LOCALSTACK_HOST": "elsewhere",
        "USE_SSL": "1",
        "HTTPS_PROXY": "p",
        "PATH": "/bin",
    }
    assert isolated(shell) == {"HTTPS_PROXY": "p", "PATH": "/bin", **NOWHERE}


@pytest.mark.parametrize(
    "variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE", "AWS_CA_BUNDLE"]
)
def test_a_profile_that_does_not_exist_stops_no_session(variable, monkeypatch):
    """Our sessions look at nothing but what they are given."""
    monkeypatch.setenv(variable, "/nope")
    made = session().client("dynamodb", region_name="us-east-1", endpoint_url="http://127.0.0.1:1")
    assert made.meta.endpoint_url == "http://127.0.0.1:1"


def test_the_launcher_starts_under_a_profile_that_does_not_exist(tmp_path):
    """`AWS_PROFILE=nope make down`: there is no account to ask."""
    environment = {**os.environ, "AWS_PROFILE": "nope", "AWS_ENDPOINT_URL": "http://elsewhere.invalid"}
    command = [sys.executable, "-m", "local", "--state", str(tmp_path), "down"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "nothing was up\n"), done.stderr
