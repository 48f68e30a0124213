"""A run that ended is gone on with: its output is an unbroken run's, and no value is sent under two keys."""

import json
import random
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.client.bulk.imports import CARD, Files, keys, killed_behind, run, sent, started
from tests.client.service import Answer, Seen, Service

ROWS = 6000


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def rows(count: int) -> str:
    lines = ("id,card,note", *(f'{n},{n:016},"a ""{n}""' + '"' for n in range(count)))
    return "".join(f"{line}\r\n" for line in lines)


def expected(count: int) -> str:
    lines = ("id,card,note", *(f'{n},{f"{n:016}"[::-1]},"a ""{n}""' + '"' for n in range(count)))
    return "".join(f"{line}\r\n" for line in lines)


def slowly(service: Service, seconds: float) -> None:
    """Answers take their time, and come out of order."""
    usual, draw = service.usual, random.Random(1)

    def answer(seen: Seen) -> Answer:
        time.sleep(draw.random() * seconds)
        return usual(seen)

    service.usual = answer


def killed_at(service: Service, files: Files, requests: int) -> int:
    """Kills the import once so many more requests have come; gives its exit code."""
    left, enough, gone = [requests], threading.Event(), threading.Event()

    def count() -> None:
        left[0] -= 1
        if left[0] <= 0:
            enough.set()
            gone.wait()

    service.on_request = count
    process = started(service, files)
    while not enough.wait(0.01) and process.poll() is None:
        pass
    process.kill()
    process.communicate(timeout=60)
    gone.set()
    return process.returncode


def test_killed_at_twenty_moments_it_is_as_if_never_killed(service: Service, files: Files) -> None:
    """kill -9, the same command again: byte for byte an unbroken run's output, no value under two keys."""
    files.write(rows(ROWS))
    slowly(service, 0.03)
    draw = random.Random(2)
    codes = [killed_at(service, files, draw.randrange(1, 14)) for _ in range(20)]
    assert set(codes) <= {-signal.SIGKILL, 0}
    assert codes.count(-signal.SIGKILL) >= 15
    service.on_request = lambda: None
    if not files.out.exists():
        assert run(service, files).code == 0
    assert files.made == expected(ROWS)
    assert all(len(bodies) == 1 for bodies in keys(service).values())
    assert sorted(sent(service)) == [f"{n:016}" for n in range(ROWS)]
    assert not files.journal.exists()


def test_interrupted_it_says_how_far_it_came(service: Service, files: Files) -> None:
    """Ctrl-C during a long wait ends it at once; nothing that was written is sent again."""
    files.write(rows(1000))
    answered = threading.Event()
    usual, seen_before = service.usual, list[Seen]()

    def answer(seen: Seen) -> Answer:
        seen_before.append(seen)
        if len(seen_before) <= 4:
            return usual(seen)
        answered.set()
        headers = {"Content-Type": "application/problem+json", "Retry-After": "300"}
        return Answer(429, {"status": 429, "code": "throttled", "detail": "slower"}, headers)

    service.usual = answer
    process = started(service, files)
    assert answered.wait(30)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "rows are done; the same command goes on after them" in err.decode()
    assert "0 rows are done" not in err.decode().splitlines()
    service.usual = usual
    assert run(service, files).code == 0
    assert files.made == expected(1000)


def test_another_input_or_map_is_refused(service: Service, files: Files) -> None:
    """Also one of the same length; what was done stays, for the right ones."""
    files.write(rows(300))
    assert killed_at(service, files, 1) == -signal.SIGKILL
    for content, mapped, said in [
        (rows(300).replace("a ", "b "), CARD, "the input is not the file"),
        (rows(300), CARD + "ttl_seconds = 5\n", "the map is not the one"),
    ]:
        files.write(content, mapped)
        ended = run(service, files)
        assert (ended.code, said in ended.err) == (2, True)
    files.write(rows(300))
    assert run(service, files).code == 0


def test_a_file_that_took_the_outputs_name_meanwhile_is_not_written_over(
    service: Service, files: Files
) -> None:
    """It is somebody's; when it is gone, the import goes on."""
    files.write(rows(300))
    assert killed_at(service, files, 1) == -signal.SIGKILL
    files.out.write_text("mine")
    assert "there is a file of this name" in run(service, files).err
    assert files.made == "mine"
    files.out.unlink()
    assert run(service, files).code == 0
    assert files.made == expected(300)


def test_another_client_is_refused(service: Service, files: Files) -> None:
    """Its requests would be new ones, and their values get second tokens."""
    files.write(rows(300))
    killed_at(service, files, 1)
    before = service.environment()
    service.environment = lambda: {**before, "TOKENVAULT_CLIENT_ID": "another"}  # type: ignore[method-assign]
    assert "the service or the client is not the one" in run(service, files).err


def test_two_runs_at_once_are_refused(service: Service, files: Files) -> None:
    """The second is told so, and the first is not disturbed."""
    files.write(rows(1000))
    begun, go_on = threading.Event(), threading.Event()
    usual = service.usual

    def answer(seen: Seen) -> Answer:
        begun.set()
        go_on.wait(30)
        return usual(seen)

    service.usual = answer
    first = started(service, files)
    assert begun.wait(30)
    second = run(service, files)
    assert (second.code, "another run is at work on this output" in second.err) == (2, True)
    go_on.set()
    first.communicate(timeout=60)
    assert first.returncode == 0
    assert files.made == expected(1000)


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_journal_that_a_power_cut_tore_is_read_up_to_its_last_whole_line(
    service: Service, files: Files, cut: int
) -> None:
    """What is behind that is done again, under the same keys."""
    files.write(rows(2000))
    killed_behind(service, files, 12)
    whole = files.journal.read_bytes()
    files.journal.write_bytes(whole[: max(len(whole) - cut, whole.index(b"\n") + 1)])
    assert run(service, files).code == 0
    assert files.made == expected(2000)
    assert all(len(bodies) == 1 for bodies in keys(service).values())


def test_an_output_that_is_shorter_than_its_journal_says_is_refused(service: Service, files: Files) -> None:
    """Somebody took the part away: what stood in it cannot be known."""
    files.write(rows(2000))
    killed_behind(service, files, 12)
    files.beside("part").unlink()
    ended = run(service, files)
    assert (ended.code, "shorter than its journal says" in ended.err) == (2, True)


def test_a_journal_of_another_version_is_left_alone(service: Service, files: Files) -> None:
    """It may be a newer tool's."""
    files.write(rows(10))
    files.journal.write_text(json.dumps({"version": 99}) + "\n")
    ended = run(service, files)
    assert (ended.code, "no journal of this version" in ended.err) == (2, True)
    assert json.loads(files.journal.read_text()) == {"version": 99}


def test_an_input_that_changes_meanwhile_gives_no_output(service: Service, files: Files) -> None:
    """Its rows would be of two files."""
    files.write(rows(300))
    usual = service.usual

    def answer(seen: Seen) -> Answer:
        with files.source.open("ab") as file:
            file.write(b"x")
        return usual(seen)

    service.usual = answer
    ended = run(service, files)
    assert (ended.code, "changed while it was read" in ended.err, files.out.exists()) == (2, True, False)


def test_after_a_day_a_resumed_run_says_what_it_cannot_promise(service: Service, files: Files) -> None:
    """The service has forgotten the requests that were under way."""
    files.write(rows(2000))
    killed_behind(service, files, 12)
    lines = [json.loads(line) for line in files.journal.read_text().splitlines()]
    lines[-1]["at"] -= 24 * 3600
    files.journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert "more than 23 hours ago" in run(service, files).err
