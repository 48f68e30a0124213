"""The local HTTP server, over real sockets: what reaches the gateway, and what callers get instead."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.http_server import HttpServer
from local.merged_api import Refusal

BODY = b'{"items": []}'


class Recorder:
    """A gateway that answers with what it got."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, bytes]] = []
        self.fails = False
        self._lock = threading.Lock()

    def handle_request(self, method, path, headers, body):
        if self.fails:
            raise RuntimeError("secret-in-the-error")
        with self._lock:
            self.got.append((method, path, body))
        said = json.dumps({"path": path, "headers": dict(headers), "body": body.decode()})
        return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": said}

    def refusal(self, kind, request_id, headers):
        status = {"REQUEST_TOO_LARGE": 413, "DEFAULT_5XX": 500}.get(kind, 400)
        headers = {"Content-Type": "application/problem+json"}
        return Refusal(status, headers, json.dumps({"status": status, "request_id": request_id}))


@pytest.fixture
def gateway() -> Recorder:
    """What stands behind the server."""
    return Recorder()


@pytest.fixture
def port(gateway: Recorder) -> Iterator[int]:
    """A server on a free port; it must be gone afterwards."""
    server = HttpServer(gateway, "127.0.0.1", 0)
    server.start()
    yield server.port
    server.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0


def talk(port: int, *parts: bytes, end: bool = False) -> bytes:
    """Everything the server says to these bytes; with `end` we hang up after the last of them."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
        if end:
            connection.shutdown(socket.SHUT_WR)
        said = b""
        connection.settimeout(1)
        try:
            while more := connection.recv(65536):
                said += more
        except TimeoutError:
            pass
        return said


def post(*fields: str) -> bytes:
    """The head of a POST."""
    return "\r\n".join(["POST /v1/tokenize HTTP/1.1", "Host: x", *fields, "", ""]).encode()


def problem(said: bytes) -> dict[str, object]:
    """The one problem document that the server answered, after which it hung up."""
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"Connection: close" in head
    return json.loads(body)


def test_a_chunked_body_is_one_body(port, gateway):
    """Chunks are put together, and the next request on the connection is the next request."""
    chunked = b"5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (BODY[:5], len(BODY) - 5, BODY[5:])
    said = talk(port, post("Transfer-Encoding: chunked") + chunked, b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n")
    assert gateway.got == [("POST", "/v1/tokenize", BODY), ("GET", "/next", b"")]
    assert said.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize("length", ["abc", "-1", "+5", "1_0", "0x10", "5, 5", "", "5.0", "٥"])
def test_a_length_that_is_none_is_400(port, gateway, length):
    """What is no number of bytes is refused, and repeated in no answer."""
    said = talk(port, post(f"Content-Length: {length}") + BODY)
    assert problem(said)["status"] == 400
    assert gateway.got == []


@pytest.mark.parametrize(
    "chunks",
    [
        b"xyz\r\nabc\r\n0\r\n\r\n",
        b"-1\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"3;\x00\r\nabc\r\n0\r\n\r\n",
    ],
)
def test_a_broken_chunk_is_400(port, gateway, chunks):
    """So is a chunk whose size or end is not what it should be."""
    assert problem(talk(port, post("Transfer-Encoding: chunked") + chunks))["status"] == 400
    assert gateway.got == []


@pytest.mark.parametrize(
    ("field", "sent"),
    [("Content-Length: 100", BODY), ("Transfer-Encoding: chunked", b"5\r\n12345\r\n5\r\n123")],
)
def test_a_body_cut_short_is_not_carried_out(port, gateway, field, sent):
    """A caller that hangs up in the middle asked for nothing."""
    talk(port, post(field) + sent, end=True)
    assert gateway.got == []


def test_a_head_that_is_none_is_400_and_not_repeated(port, gateway):
    """Neither a first line nor a field that is malformed comes back in the answer."""
    for head in (
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nsecret-name secret-value\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
    ):
        said = talk(port, head)
        assert problem(said)["status"] == 400
        assert b"secret" not in said
    assert gateway.got == []


def test_two_lengths_are_one_too_many(port, gateway):
    """A request that two servers would cut differently is not carried out."""
    said = talk(port, post("Content-Length: 3", "Transfer-Encoding: chunked") + b"0\r\n\r\n")
    assert problem(said)["status"] == 400
    assert gateway.got == []


def test_an_unknown_transfer_coding_is_refused(port, gateway):
    """A body that we cannot read is not taken for an empty one."""
    assert problem(talk(port, post("Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n"))["status"] == 400
    assert gateway.got == []


def test_the_answer_to_head_has_no_body(port):
    """The fields of the answer are there, and the next answer follows them at once."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for method in ("HEAD", "GET", "HEAD", "GET"):
        connection.request(method, "/v1/health")
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200
        assert int(answer.headers["Content-Length"]) > 0
        assert (body == b"") is (method == "HEAD")
    connection.close()


def test_paths_and_fields_arrive_as_they_were_sent(port):
    """A path stays percent-encoded, as API Gateway hands it on; names of fields are in lower case."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/v1/tokens/a%2Fb?x=%20", headers={"X-Api-Key": "k", "Content-Type": "a/b"})
    got = json.load(connection.getresponse())
    assert got["path"] == "/v1/tokens/a%2Fb?x=%20"
    assert {"x-api-key": "k", "content-type": "a/b"}.items() <= got["headers"].items()
    connection.close()


def test_a_fault_of_ours_is_a_problem_document(port, gateway):
    """500, and nothing of what went wrong."""
    gateway.fails = True
    said = talk(port, post(f"Content-Length: {len(BODY)}") + BODY)
    assert problem(said)["status"] == 500
    assert b"secret" not in said


@pytest.mark.parametrize("callers", [32, 128])
def test_every_one_of_many_callers_is_answered(port, gateway, callers):
    """Each on a connection of its own, all at once: nobody is reset."""
    ready = threading.Barrier(callers)

    def call(number: int) -> int:
        ready.wait()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", f"/{number}", BODY)
        status = connection.getresponse().status
        connection.close()
        return status

    with ThreadPoolExecutor(callers) as pool:
        assert list(pool.map(call, range(callers))) == [200] * callers
    assert {path for _, path, _ in gateway.got} == {f"/{number}" for number in range(callers)}


def test_a_taken_port_is_an_error(port):
    """The second server on a port is told so."""
    with pytest.raises(OSError, match="in use"):
        HttpServer(Recorder(), "127.0.0.1", port)
