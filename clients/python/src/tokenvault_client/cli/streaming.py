"""Line for line through the service: results come out in order, each batch as soon as it is done."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from tokenvault_client import batches
from tokenvault_client.cli.exits import Exit, OutputFailed, UsageError
from tokenvault_client.cli.inputs import Line
from tokenvault_client.cli.session import Session
from tokenvault_client.errors import ProblemError, Refused
from tokenvault_client.results import ItemError, SearchItem
from tokenvault_client.sending import json_bytes

PARALLEL: Final = 4
"""Requests that are under way at the same time."""

Sent = TypeVar("Sent")
Result = TypeVar("Result")

Send = Callable[[str, Sequence[Sent]], list[Result | ItemError]]
"""Sends the items of a batch, which has a name."""
Show = Callable[[Line[Sent], Result], ItemError | None]
"""Shows a result of a line, or says why it cannot be shown."""


@dataclass
class _Progress:
    """How far a run came: lines that were written, that are out of the process, and that failed."""

    written: int = 0
    done: int = 0
    failed: int = 0


def through(
    session: Session,
    lines: Iterable[Line[Sent]],
    send: Send[Sent, Result],
    show: Show[Sent, Result],
    advice: str | None = None,
    *,
    whole: bool = False,
) -> Exit:
    """Sends lines and shows results. A line that failed is empty, so that lines stay aligned.

    `whole` lines go out in one request; no more of them have an item than that may have.

    Whatever ends it half way, the user is told how many lines are done, and given the advice on how to go
    on. Raises what ended it.
    """
    progress, failure, lost = _Progress(), None, list[tuple[Line[Sent], ItemError]]()
    # Somebody who types sees what becomes of each line before the next.
    size = sys.maxsize if whole else 1 if session.interactive else batches.MAX_ITEMS
    with _told(session, progress, advice):
        for batch, answer in batches.stream(lines, _sender(send), PARALLEL, size, _bytes):
            if isinstance(answer, ProblemError):
                failure = failure or answer
                lost += [(line, ItemError(answer.code, answer.problem.explanation)) for line in batch]
                continue
            # What was sent beside a batch that failed has its tokens; they must not be lost, or shift.
            for line, error in lost:
                _show_failed(session, progress, line, error)
            for line, result in zip(batch, answer, strict=True):
                _show(session, progress, line, result, show)
            lost = []
            _hand_on(session, progress)
        if failure is not None:
            raise failure
    return Exit.SOME_FAILED if progress.failed else Exit.OK


def show_error(session: Session, named: dict[str, Any], place: str, error: ItemError) -> None:
    """An item that failed: an object among the results, or an empty line there and a sentence on stderr."""
    fields = {"code": error.code, "detail": error.detail, "retryable": error.retryable}
    session.result({**named, "error": fields}, "")
    if not session.as_json:
        session.say(f"{place}: {error.code}: {error.detail}")


def _sender(
    send: Send[Sent, Result],
) -> Callable[[str, Sequence[Line[Sent]]], list[Result | ItemError | None]]:
    """Sends what a batch has to send; None is the result of a line whose output is known already."""

    def sent(name: str, batch: Sequence[Line[Sent]]) -> list[Result | ItemError | None]:
        wanted = [line.item for line in batch if line.item is not None]
        results = iter(send(name, wanted) if wanted else [])
        return [None if line.item is None else next(results) for line in batch]

    return sent


def _bytes(line: Line[Sent]) -> int:
    """What a line adds to the body of its batch."""
    if line.item is None:
        return 0
    body = line.item.body() if isinstance(line.item, SearchItem) else {"token": line.item}
    return len(json_bytes(body))


def _show(
    session: Session,
    progress: _Progress,
    line: Line[Sent],
    result: Result | ItemError | None,
    show: Show[Sent, Result],
) -> None:
    if result is None:
        session.result({"line": line.number, **line.own, **line.passed}, "")
        progress.failed += "error" in line.passed
    else:
        error = result if isinstance(result, ItemError) else show(line, result)
        if error is not None:
            _show_failed(session, progress, line, error)
    progress.written = line.number


def _show_failed(session: Session, progress: _Progress, line: Line[Sent], error: ItemError) -> None:
    progress.failed += 1
    show_error(session, {"line": line.number, **line.own}, f"line {line.number}", error)


@contextlib.contextmanager
def _told(session: Session, progress: _Progress, advice: str | None) -> Iterator[None]:
    """Says how far a run came that does not come to its end."""
    try:
        yield
    except (UsageError, ProblemError, OutputFailed, BrokenPipeError, KeyboardInterrupt) as error:
        if isinstance(error, KeyboardInterrupt):
            with contextlib.suppress(OutputFailed, BrokenPipeError):
                _hand_on(session, progress)
        # Nothing was done at all if the first lines are refused, by the tool or by the service.
        if progress.done or not isinstance(error, UsageError | Refused):
            _tell(session, progress.done, advice)
        raise


def _hand_on(session: Session, progress: _Progress) -> None:
    session.flush()
    progress.done = progress.written


def _tell(session: Session, done: int, advice: str | None) -> None:
    if session.as_json:
        session.say(json.dumps({"lines_done": done, **({"advice": advice} if advice else {})}))
        return
    session.say(f"{done} lines are done, none after them")
    if advice:
        session.say(advice)
