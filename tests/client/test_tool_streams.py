"""Lines through the tool: each comes out in its place, as it is done, and nothing is lost in silence."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from tokenvault_client import ItemError, Unavailable
from tokenvault_client.cli.arguments import parser
from tokenvault_client.cli.inputs import Line
from tokenvault_client.cli.main import run
from tokenvault_client.cli.session import Session
from tokenvault_client.cli.streaming import through

from tests.client import tool
from tests.client.service import CREATED, Answer, Service

pytestmark = pytest.mark.usefixtures("signals_as_by_hand")

TEXT = ["tokenize", "--type", "text"]
FACTS = {"type": "text", "created": CREATED, "expires_at": None}
KEY_GIVEN = re.compile(r"--idempotency-key=([A-Za-z0-9_-]{22,96}):")


def half_failed(*tokens: str | None) -> Answer:
    """An answer in which some values failed."""
    error = {"error": {"code": "invalid_value", "detail": "no"}}
    return Answer(200, {"results": [error if t is None else {"token": t, **FACTS} for t in tokens]})


def started(service: Service, *arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
    """The tool, running."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tool.SOURCE), **service.environment()}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    command = [sys.executable, "-m", "tokenvault_client", *arguments]
    return subprocess.Popen(command, env=environment, **pipes)


def shell(service: Service, redirection: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """The tool as a shell starts it, with a redirection."""
    command = f'exec "$@" {redirection}'
    return subprocess.run(
        ["sh", "-c", command, "sh", sys.executable, "-m", "tokenvault_client", *arguments],
        input=b"ab\n",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(tool.SOURCE), **service.environment()},
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_tokenizes_output_is_detokenizes_input(service: Service) -> None:
    """Lines of values that failed are passed on, so that each value stands where it stood."""
    service.script.append(half_failed("ba", None, "dc"))
    made = tool.run(service.environment(), *TEXT, stdin="ab\nwrong\ncd\n")
    assert (made.code, made.lines) == (1, ["ba", "", "dc"])
    shown = tool.run(service.environment(), "detokenize", stdin=made.out)
    assert (shown.code, shown.lines, shown.err) == (0, ["ab", "", "cd"], "")
    assert service.seen[-1].body["items"] == [{"token": "ba"}, {"token": "dc"}]


def test_in_json_an_error_is_carried_on(service: Service) -> None:
    """With its line and id; some items failed, so the exit code says so again."""
    service.script.append(half_failed("ba", None))
    stdin = '{"value": "ab", "id": "row-1"}\n{"value": "wrong", "id": 2}\n'
    made = tool.run(service.environment(), *TEXT, "--json", stdin=stdin)
    error = {"code": "invalid_value", "detail": "no", "retryable": False}
    assert (made.code, made.objects[1]) == (1, {"line": 2, "id": 2, "error": error})
    shown = tool.run(service.environment(), "detokenize", "--json", stdin=made.out)
    assert shown.code == 1
    assert shown.objects == [
        {"line": 1, "id": "row-1", "token": "ba", "type": "text", "value": "ab"},
        {"line": 2, "id": 2, "error": error},
    ]


@pytest.mark.parametrize("own", ["row-1", 7, 1.5, None, True])
def test_a_users_id_comes_through_and_goes_nowhere(service: Service, own: Any) -> None:
    """Of tokenize, search and detokenize, whatever scalar it is."""
    for command in ("tokenize", "search"):
        line = json.dumps({"value": "ab", "id": own})
        done = tool.run(service.environment(), command, "--type", "text", "--json", stdin=line)
        assert done.objects[0]["id"] == own
        assert list(done.objects[0])[:2] == ["line", "id"]
    done = tool.run(
        service.environment(), "detokenize", "--json", stdin=json.dumps({"token": "ba", "id": own})
    )
    assert done.objects[0]["id"] == own
    assert all(b"id" not in seen.raw.replace(b"refund", b"") for seen in service.seen)


def test_an_id_of_another_kind_is_refused(service: Service) -> None:
    """An object or a list is no id."""
    ended = tool.run(service.environment(), *TEXT, "--json", stdin='{"value": "ab", "id": {"a": 1}}')
    assert (ended.code, "line 1: id is of the wrong kind" in ended.err) == (2, True)


def test_an_empty_cell_is_passed_through_if_asked_for(service: Service) -> None:
    """It is no value: nothing is sent for it, and it comes back as it was."""
    made = tool.run(service.environment(), *TEXT, "--keep-empty", stdin="\nab\n\n")
    assert (made.code, made.lines) == (0, ["", "ba", ""])
    assert [item["value"] for item in service.seen[0].body["items"]] == ["ab"]
    assert tool.run(service.environment(), *TEXT, "--keep-empty", stdin="\n\n").lines == ["", ""]
    assert len(service.seen) == 1
    stdin = '{"value": "", "id": 1}\n{"value": null}\n{"value": "ab"}\n'
    made = tool.run(service.environment(), *TEXT, "--keep-empty", "--json", stdin=stdin)
    assert made.objects[:2] == [{"line": 1, "id": 1, "token": ""}, {"line": 2, "token": None}]
    shown = tool.run(service.environment(), "detokenize", "--json", stdin=made.out)
    assert [line.get("value") for line in shown.objects] == ["", None, "ab"]
    assert shown.code == 0


def test_lines_come_out_as_they_are_done(service: Service) -> None:
    """The first hundred while the input still goes on."""
    with started(service, *TEXT) as running:
        assert running.stdin
        assert running.stdout
        running.stdin.write(b"ab\n" * 100)
        running.stdin.flush()
        assert [running.stdout.readline() for _ in range(100)] == [b"ba\n"] * 100
        running.stdin.write(b"cd\n")
        running.stdin.close()
        assert running.stdout.read() == b"dc\n"
        assert running.wait(30) == 0


def test_somebody_who_types_sees_each_line(service: Service) -> None:
    """A request for each, since the next one may depend on it."""
    out = io.StringIO()
    session = Session(
        service.environment(), io.BytesIO(b"ab\ncd\n"), out, io.StringIO(), interactive=True, as_json=False
    )
    chosen = parser().parse_args(["detokenize"])
    assert run(session, chosen) == 0
    assert out.getvalue() == "ba\ndc\n"
    assert [len(seen.body["items"]) for seen in service.seen] == [1, 1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_says_how_far_it_came(service: Service, number: signal.Signals) -> None:
    """And under which key it can be run again: the requests are then the same."""
    with started(service, *TEXT) as running:
        assert running.stdin
        assert running.stdout
        assert running.stderr
        running.stdin.write(b"ab\n" * 250)
        running.stdin.flush()
        for _ in range(200):
            running.stdout.readline()
        running.send_signal(number)
        assert running.wait(30) == 130
        told = running.stderr.read().decode()
    assert told.startswith("200 lines are done, none after them\n")
    assert "Traceback" not in told
    key = KEY_GIVEN.search(told)
    assert key
    again = tool.run(service.environment(), *TEXT, f"--idempotency-key={key[1]}", stdin="ab\n" * 250)
    assert again.code == 0
    sent = sorted((seen.headers["Idempotency-Key"], seen.raw) for seen in service.seen)
    assert sent[0] == sent[1]
    assert sent[2] == sent[3]
    assert len(sent) == 5


def test_what_is_under_way_at_an_interruption_is_told(service: Service) -> None:
    """A second interruption does not wait for it."""
    arrived, go_on = threading.Semaphore(0), threading.Event()

    def wait() -> None:
        arrived.release()
        go_on.wait(60)

    service.on_request = wait
    for impatient in (False, True):
        with started(service, *TEXT) as running:
            assert running.stdin
            assert running.stderr
            assert running.stdout
            running.stdin.write(b"ab\n" * 200)
            running.stdin.flush()
            assert all(arrived.acquire(timeout=30) for _ in range(2))
            running.send_signal(signal.SIGINT)
            if impatient:
                with pytest.raises(subprocess.TimeoutExpired):
                    running.wait(1)
                running.send_signal(signal.SIGINT)
            else:
                go_on.set()
            assert running.wait(30) == 130
            done = 0 if impatient else 200
            assert running.stderr.read().decode().startswith(f"{done} lines are done, none after them\n")
            assert len(running.stdout.read().splitlines()) == done
        go_on.clear()
    go_on.set()


def test_a_full_disk_ends_in_a_sentence(service: Service) -> None:
    """With the way to the tokens that were made, and not as a service that is unavailable."""
    with open("/dev/full", "wb") as full, started(service, *TEXT, stdout=full) as running:
        assert running.stderr
        _, told = running.communicate(b"ab\n" * 150, timeout=60)
    assert running.returncode == 6
    lines = told.decode().splitlines()
    assert lines[0] == "0 lines are done, none after them"
    assert KEY_GIVEN.search(lines[1])
    assert lines[2] == "tokenvault: output_failed: the output could not be written: No space left on device"
    assert len(lines) == 3
    with open("/dev/full", "wb") as full, started(service, "types", stdout=full) as running:
        _, told = running.communicate(timeout=60)
    assert (running.returncode, told.count(b"\n")) == (6, 1)


def test_a_reader_that_goes_away_leaves_the_way_to_the_tokens(service: Service) -> None:
    """`tokenvault tokenize … | head`: tokens were made that nobody has seen."""
    with started(service, *TEXT) as running:
        assert running.stdin
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        running.stdin.write(b"ab\n" * 1000)
        running.stdin.close()
        told = running.stderr.read().decode()
        assert running.wait(60) == 1
    assert told.startswith("0 lines are done, none after them\n")
    assert KEY_GIVEN.search(told)


@pytest.mark.parametrize(
    ("redirection", "code", "said"),
    [
        ("<&-", 2, b"tokenvault: usage: stdin is closed; name a file, with --file\n"),
        (">&-", 2, b"tokenvault: usage: stdout is closed; nothing was done\n"),
    ],
)
def test_a_stream_that_is_closed_is_named(service: Service, redirection: str, code: int, said: bytes) -> None:
    """And nothing is sent."""
    ended = shell(service, redirection, *TEXT)
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, b"", said)
    assert service.seen == []


class Broken(io.RawIOBase):
    """A disk that fails in the middle of a file."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raise OSError(5, "Input/output error")


def test_an_input_that_cannot_be_read_is_no_unavailable_service(service: Service) -> None:
    """It is told as what it is."""
    err = io.StringIO()
    stdin = io.BufferedReader(Broken())
    session = Session(service.environment(), stdin, io.StringIO(), err, interactive=False, as_json=False)
    chosen = parser().parse_args(["detokenize"])
    assert run(session, chosen) == 2
    assert err.getvalue() == "tokenvault: usage: the input cannot be read: Input/output error\n"


def test_without_stderr_results_are_results(service: Service) -> None:
    """What would be said there goes nowhere, not into a socket that took its number."""
    service.script.append(half_failed(None))
    ended = shell(service, "2>&-", *TEXT)
    assert (ended.returncode, ended.stdout) == (1, b"\n")


def test_tokens_beside_a_batch_that_failed_are_not_lost() -> None:
    """They were made at the same time, and come out behind the lines of the batch that failed."""
    out, err = io.StringIO(), io.StringIO()
    session = Session({}, None, out, err, interactive=False, as_json=False)
    both_sent = threading.Barrier(2, timeout=30)

    def send(name: str, items: Sequence[int]) -> list[int | ItemError]:
        if name in ("1", "2"):
            both_sent.wait()
        if name == "1":
            raise Unavailable.of("unreachable", "no answer came")
        return list(items)

    lines = (Line(number, number) for number in range(1, 301))
    with pytest.raises(Unavailable):
        through(session, lines, send, lambda line, result: session.result({}, str(result)), "advice")
    expected = [*map(str, range(1, 101)), *[""] * 100, *map(str, range(201, 301))]
    assert out.getvalue().splitlines() == expected
    said = err.getvalue().splitlines()
    assert said[0] == "line 101: unreachable: no answer came"
    assert said[100:] == ["300 lines are done, none after them", "advice"]
