"""A service that has no capacity left for a while: the import waits as it is asked to, and loses nothing."""

import threading
from pathlib import Path

import pytest
from tokenvault_client import ProblemError, Unavailable
from tokenvault_client.bulk import Import, Limits, Pace, Places, Progress, open_journal, open_source, read_map
from tokenvault_client.client import Client
from tokenvault_client.retries import Retries

from tests.client.bulk.imports import CARD, Files, keys, run
from tests.client.service import HANG_UP, Answer, Seen, Service, problem


@pytest.fixture
def files(tmp_path: Path) -> Files:
    made = Files(tmp_path)
    made.write("card\n" + "".join(f"{n:04}\n" for n in range(2000)))
    return made


def imported(service: Service, files: Files, pace: Pace, limits: Limits) -> None:
    """The import in this process."""
    mapped, places = read_map(CARD.encode()), Places(files.out)
    client = Client(service.settings(), retries=Retries(attempts=1))
    with open_journal(places.journal, files.source, mapped.digest, "client") as journal, client:
        Import(
            files.source,
            open_source(files.source, mapped),
            places=places,
            journal=journal,
            client=client,
            limits=limits,
            progress=lambda reached: Progress(None, reached),
            pace=pace,
        ).run()


@pytest.mark.parametrize(
    "answer",
    [
        problem(429, "throttled", retry_after="0"),
        problem(503, "store_unavailable"),
        Answer(502, b"<html>a proxy's page</html>", {"Content-Type": "text/html"}),
        HANG_UP,
    ],
)
def test_what_passes_is_waited_for(service: Service, files: Files, answer: Answer) -> None:
    """The same chunk goes out again under the same key; every row has its token in the end."""
    service.script += [answer] * 3
    assert run(service, files).code == 0
    assert files.made == "card\n" + "".join(f"{n:04}"[::-1] + "\n" for n in range(2000))
    assert len(service.seen) == 23
    assert all(len(bodies) == 1 for bodies in keys(service).values())


def test_an_item_that_may_succeed_later_is_sent_again(service: Service, files: Files) -> None:
    """With its whole request, whose other items keep their tokens by the key."""
    usual, failed = service.usual, threading.Event()

    def answer(seen: Seen) -> Answer:
        normal = usual(seen)
        if not failed.is_set():
            failed.set()
            normal.body["results"][7] = {"error": {"code": "key_unavailable", "detail": "for a while"}}
        return normal

    service.usual = answer
    assert run(service, files).code == 0
    assert (len(service.seen), len(keys(service)), files.bad_rows) == (21, 20, [])


def test_an_item_that_the_service_refuses_ends_the_run_and_is_no_bad_row(
    service: Service, files: Files
) -> None:
    """At once, and the next run has its token: the cell is as good as any other."""
    usual, refused = service.usual, list[bool]()

    def answer(seen: Seen) -> Answer:
        normal = usual(seen)
        if not refused:
            refused.append(True)
            normal.body["results"][7] = {"error": {"code": "store_refused", "detail": "its log says why"}}
        return normal

    service.usual = answer
    ended = run(service, files)
    assert (ended.code, "store_refused" in ended.err) == (4, True), ended
    assert run(service, files).code == 0
    assert files.bad_rows == []
    assert files.made == "card\n" + "".join(f"{n:04}"[::-1] + "\n" for n in range(2000))


@pytest.mark.parametrize("code", ["key_refused", "store_refused"])
def test_a_request_that_aws_refuses_whole_ends_the_run_and_is_no_bad_row(
    service: Service, files: Files, code: str
) -> None:
    """What others had done is written; the run says why it ended, and the next one goes on under its keys."""
    usual = service.usual
    service.usual = lambda seen: problem(500, code) if len(service.seen) > 7 else usual(seen)
    ended = run(service, files)
    assert (ended.code, code in ended.err, "the same command goes on" in ended.err) == (4, True, True), ended
    assert files.bad_rows == []
    service.usual = usual
    assert run(service, files).code == 0
    assert (files.bad_rows, len(keys(service))) == ([], 20)
    assert files.made == "card\n" + "".join(f"{n:04}"[::-1] + "\n" for n in range(2000))


class WatchedPace(Pace):
    """A pace that notes what it allows before and after each refusal."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.cuts = list[tuple[float, float]]()

    def refused(self, began: float, asked: float | None) -> float:
        before, idle = self.allowed, super().refused(began, asked)
        self.cuts.append((before, self.allowed))
        return idle


def test_fewer_requests_are_under_way_after_a_refusal_and_more_after_answers(
    service: Service, files: Files
) -> None:
    """The service's own limit is found from both sides."""
    pace, usual = WatchedPace(8), service.usual

    def answer(seen: Seen) -> Answer:
        return problem(429, "throttled", retry_after="0.05") if len(service.seen) == 12 else usual(seen)

    service.usual = answer
    imported(service, files, pace, Limits(8))
    [(before, after)] = pace.cuts
    assert before > 4
    assert after < before < 8
    assert after < pace.allowed


@pytest.mark.parametrize(
    ("answer", "limits", "kind"),
    [
        (problem(429, "throttled", retry_after="3600"), Limits(), ProblemError),
        (problem(503, "store_unavailable", retry_after="0.1"), Limits(patience=0.5), Unavailable),
    ],
)
def test_patience_has_an_end(
    service: Service, files: Files, answer: Answer, limits: Limits, kind: type[Exception]
) -> None:
    """The run can be gone on with when the service is back."""
    usual = service.usual
    service.usual = lambda seen: answer if len(service.seen) > 5 else usual(seen)
    with pytest.raises(kind, match=answer.body["code"]):
        imported(service, files, Pace(8, draw=lambda: 0.0), limits)
    service.usual = usual
    imported(service, files, Pace(8), Limits())
    assert files.made.count("\n") == 2001


def test_no_chunk_is_waited_for_once_another_gave_up(service: Service, files: Files) -> None:
    """A refused chunk ends the run, also while the one before it waits for its turn for an hour."""
    usual, later = service.usual, threading.Event()

    def answer(seen: Seen) -> Answer:
        if "0000" in str(seen.body):
            assert later.wait(30)
            return problem(503, "store_unavailable")
        answered = problem(429, "throttled", retry_after="3600")
        threading.Timer(0.2, later.set).start()
        return answered

    service.usual = answer
    with pytest.raises(ProblemError, match="throttled"):
        imported(service, files, Pace(8, draw=lambda: 0.0), Limits())
    service.usual = usual
    imported(service, files, Pace(8), Limits())
    assert files.made.count("\n") == 2001


def test_the_quota_of_a_day_is_not_waited_for(service: Service, files: Files) -> None:
    """It is there again tomorrow."""
    service.script.append(problem(429, "quota_exceeded"))
    ended = run(service, files)
    assert (ended.code, "quota_exceeded" in ended.err) == (3, True)
