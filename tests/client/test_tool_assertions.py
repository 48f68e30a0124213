"""`tokenvault detokenize --assertion-file`: what it holds goes out with each request, as fresh as it is."""

import os
import threading
from pathlib import Path

import pytest

from tests.client import tool
from tests.client.service import Service

DETOKENIZE = ["detokenize", "--purpose", "refund", "--assertion-file"]
MANY = "ba\n" * 1200
"""Tokens for twelve requests, of which four are under way at once."""


def sent(service: Service) -> list[str]:
    """The assertions of the requests, in their order."""
    return [seen.body["assertion"] for seen in service.seen]


def test_it_goes_out_without_the_end_of_its_line(service: Service, tmp_path: Path) -> None:
    """As a program wrote it, into the body of the request."""
    file = tmp_path / "anna.jwt"
    file.write_text("a.b.c\n")
    assert tool.run(service.environment(), *DETOKENIZE, str(file), stdin="ba\n").code == 0
    assert sent(service) == ["a.b.c"]


def test_a_long_run_takes_the_newest(service: Service, tmp_path: Path) -> None:
    """One lasts for minutes: whoever replaces the file keeps the run going."""
    file, newer = tmp_path / "anna.jwt", tmp_path / "newer"
    file.write_text("first.b.c")

    def renew() -> None:
        with service.lock:
            newer.write_text("second.b.c")
            newer.replace(file)

    service.on_request = renew
    assert tool.run(service.environment(), *DETOKENIZE, str(file), stdin=MANY).code == 0
    assert (sent(service)[0], sent(service)[-1]) == ("first.b.c", "second.b.c")


def test_what_can_be_read_once_is_read_once(service: Service, tmp_path: Path) -> None:
    """A pipe, as a shell makes one of `<(command)`; all requests have what came out of it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Thread(target=pipe.write_text, args=("a.b.c",), daemon=True).start()
    assert tool.run(service.environment(), *DETOKENIZE, str(pipe), stdin=MANY).code == 0
    assert sent(service) == ["a.b.c"] * 12


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff"], ids=["gone", "empty", "blank", "no text"])
def test_what_is_no_assertion_is_said_before_anything_is_sent(
    service: Service, tmp_path: Path, content: bytes | None
) -> None:
    """With the option, and nothing of the file."""
    file = tmp_path / "anna.jwt"
    if content is not None:
        file.write_bytes(content)
    ended = tool.run(service.environment(), *DETOKENIZE, str(file), stdin="ba\n")
    assert (ended.code, service.seen, "--assertion-file" in ended.err) == (2, [], True)


def test_a_file_that_goes_away_ends_the_run(service: Service, tmp_path: Path) -> None:
    """Nothing goes out without proof, or with old proof; how far it came is said."""
    file = tmp_path / "anna.jwt"
    file.write_text("a.b.c")
    service.on_request = lambda: file.unlink(missing_ok=True)
    ended = tool.run(service.environment(), *DETOKENIZE, str(file), stdin=MANY)
    assert (ended.code, "lines are done" in ended.err) == (2, True)
    assert set(sent(service)) == {"a.b.c"}
