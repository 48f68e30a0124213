"""Which addresses are taken for an emulator's, and which emulator answers there."""

import json
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from local.endpoint.address import checked, issuer, recognized
from local.errors import StepError
from local.processes import free_port


@contextmanager
def answering(answers: Mapping[str, str]) -> Iterator[str]:
    """A server that answers these paths, and 404 for others; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in answers else 404)
            self.end_headers()
            self.wfile.write(answers.get(self.path, "").encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:4566", "https://localstack:4566", "http://[::1]:4566", "http://localhost"]
)
def test_an_emulators_address_is_taken(url: str) -> None:
    """Any host and port, with or without a slash at its end."""
    assert checked(url) == url
    assert checked(f"{url}/") == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:4566",
        "ftp://localhost",
        "http://",
        "http://localhost:port",
        "http://[::1",
        "http://key:sentinel@localhost",
        "http://localhost/sentinel",
        "http://localhost?sentinel",
        "http://localhost#sentinel",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """The error names the setting and shows the form, and repeats nothing."""
    with pytest.raises(ValueError, match="ENDPOINT_URL is the address") as refused:
        checked(url)
    assert "sentinel" not in str(refused.value)


@pytest.mark.parametrize(
    "host",
    [
        "dynamodb.us-east-1.amazonaws.com",
        "kms.us-east-1.AMAZONAWS.com.",
        "amazonaws.com",
        "s3.cn-north-1.amazonaws.com.cn",
        "dynamodb.us-east-1.api.aws",
    ],
)
def test_aws_itself_is_refused(host: str) -> None:
    """The launcher applies to emulators and destroys again: never to an account."""
    with pytest.raises(ValueError, match="AWS itself"):
        checked(f"https://{host}")


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        # MiniStack answers at LocalStack's path as well, and so does our own emulator.
        ({"/_ministack/health": "{}", "/_localstack/health": "{}"}, "MiniStack"),
        ({"/_localstack/health": '{"edition": "moto 5.2.5"}'}, "tokenvault's own"),
        ({"/_localstack/health": '{"edition": "pro"}'}, "LocalStack"),
        ({}, "another emulator"),
    ],
)
def test_an_emulator_is_recognized(answers: dict[str, str], name: str) -> None:
    """By what it answers, and one that nobody looked at is taken for whole."""
    with answering(answers) as endpoint:
        assert recognized(endpoint).name == name


def test_nothing_that_answers_is_told_before_anything_is_made() -> None:
    """One sentence with what to do."""
    with pytest.raises(StepError, match=r"Nothing answers at ENDPOINT_URL .*Start the emulator first"):
        recognized(f"http://127.0.0.1:{free_port()}")


class Greeting(socketserver.StreamRequestHandler):
    """What a mail server says, whatever it is asked."""

    def handle(self) -> None:
        self.rfile.readline()
        self.wfile.write(b"220 sentinel ESMTP\r\n")


def test_what_speaks_no_http_is_told() -> None:
    """One sentence with what to do, which repeats nothing of what was said."""
    with socketserver.TCPServer(("127.0.0.1", 0), Greeting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(StepError, match=r"ENDPOINT_URL speaks no HTTP .*Name an emulator's port") as told:
            recognized(f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()
    assert "sentinel" not in str(told.value)


@pytest.mark.parametrize("said", ["", "no JSON", "[]", "{}"])
def test_an_issuer_is_what_discovery_says(said: str) -> None:
    """The pool's own document names it; one without a name leaves it to Terraform's output."""
    path = "/us-east-1_pool/.well-known/openid-configuration"
    with answering({path: json.dumps({"issuer": "http://emulator/pool"})}) as endpoint:
        assert issuer(endpoint, "us-east-1_pool") == "http://emulator/pool"
        assert issuer(endpoint, "us-east-1_other") is None
    with answering({path: said}) as endpoint:
        assert issuer(endpoint, "us-east-1_pool") is None
