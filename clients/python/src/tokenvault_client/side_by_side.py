"""Batches side by side: threads read and send them, and their answers come out in the order of the input."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from tokenvault_client.errors import ProblemError

Item = TypeVar("Item")
Result = TypeVar("Result")
Answer: TypeAlias = list[Result] | ProblemError
Request: TypeAlias = Callable[[str, Sequence[Item]], list[Result]]
"""Sends a batch, which has a name. Raises `ProblemError` if it fails as a whole."""
Named: TypeAlias = Iterator[tuple[str, list[Item]]]
Answered: TypeAlias = Iterator[tuple[list[Item], Answer[Result]]]


class Sender(Generic[Item, Result]):
    """Sends batches until one fails as a whole; an error is given back, not raised."""

    def __init__(self, request: Request[Item, Result]) -> None:
        self._request = request
        self.failure: ProblemError | None = None

    def send(self, name: str, batch: Sequence[Item]) -> Answer[Result]:
        """What became of the batch; the first failure for all that come after it."""
        if self.failure is not None:
            return self.failure
        try:
            return self._request(name, batch)
        except ProblemError as error:
            self.failure = self.failure or error
            return error


def in_turn(batches: Named[Item], sender: Sender[Item, Result]) -> Answered[Item, Result]:
    """A batch at a time."""
    while sender.failure is None and (named := next(batches, None)) is not None:
        yield named[1], sender.send(*named)


def side_by_side(batches: Named[Item], sender: Sender[Item, Result], parallel: int) -> Answered[Item, Result]:
    """So many batches at a time. The next ones are read and sent while the caller waits for the oldest."""
    workers = _Workers(batches, sender, parallel)
    try:
        workers.start()
        yield from workers.answers()
    except KeyboardInterrupt:
        # What was sent may have been carried out: its answers are given before the interruption.
        workers.stop()
        yield from workers.answers()
        raise
    finally:
        workers.stop()


@dataclass
class _Batch(Generic[Item, Result]):
    """A batch that was begun; `answer` is None until there is one."""

    name: str
    items: list[Item]
    answer: Answer[Result] | Exception | None = None


class _Workers(Generic[Item, Result]):
    """Threads that take turns to read a batch, and send theirs at the same time.

    A thread may be kept by an input that does not go on. Nobody waits for it once nothing more is begun.
    """

    def __init__(self, batches: Named[Item], sender: Sender[Item, Result], parallel: int) -> None:
        self._batches, self._sender = batches, sender
        self._turn, self._changed = threading.Lock(), threading.Condition()
        self._begun: deque[_Batch[Item, Result]] = deque()
        self._parallel = parallel
        self._most = 2 * parallel
        """A slow caller has a bounded number of answers waiting."""
        self._ended, self._failure = False, list[Exception]()

    def start(self) -> None:
        """The first threads send before the last one is there: an interruption here is one like any other."""
        for _ in range(self._parallel):
            threading.Thread(target=self._work, daemon=True).start()

    def answers(self) -> Answered[Item, Result]:
        """The answers in order, until nothing more is begun and the last one is there."""
        while (batch := self._oldest()) is not None:
            if isinstance(batch.answer, list | ProblemError):
                yield batch.items, batch.answer
            elif batch.answer is not None:
                raise batch.answer
        if self._failure:
            raise self._failure[0]

    def stop(self) -> None:
        """No batch is begun any more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _oldest(self) -> _Batch[Item, Result] | None:
        with self._changed:
            self._changed.wait_for(self._is_next_known)
            self._changed.notify_all()
            return self._begun.popleft() if self._begun else None

    def _is_next_known(self) -> bool:
        return self._begun[0].answer is not None if self._begun else self._ended

    def _work(self) -> None:
        while (batch := self._begin()) is not None:
            answer: Answer[Result] | Exception
            try:
                answer = self._sender.send(batch.name, batch.items)
            except Exception as error:  # noqa: BLE001  # handed to the caller's thread, which raises it
                answer = error
            with self._changed:
                batch.answer = answer
                self._ended = self._ended or isinstance(answer, Exception)
                self._changed.notify_all()

    def _begin(self) -> _Batch[Item, Result] | None:
        with self._turn:
            with self._changed:
                self._changed.wait_for(self._is_room_or_end)
                if self._ended:
                    return None
            batch = self._read()
            with self._changed:
                if self._ended or batch is None:
                    self._ended = True
                    self._changed.notify_all()
                    return None
                self._begun.append(batch)
                return batch

    def _is_room_or_end(self) -> bool:
        return self._ended or len(self._begun) < self._most

    def _read(self) -> _Batch[Item, Result] | None:
        try:
            named = next(self._batches, None)
        except Exception as error:  # noqa: BLE001  # handed to the caller's thread, which raises it
            self._failure.append(error)
            return None
        return None if named is None else _Batch(*named)
