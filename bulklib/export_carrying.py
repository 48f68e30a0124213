"""The step that carries a part of an export to S3: page after page, in pieces, and then as one file."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from tokenvault_client.errors import ProblemError, Throttled, TokenvaultError
from tokenvault_client.exports import ExportPage

from bulklib.export_job import ExportJob
from bulklib.export_pieces import Carrying, Pieces
from bulklib.objects import Objects

PIECE_BYTES: Final = 8 * 1024 * 1024
"""Lines of a piece: what a run that dies has to ask for again, at most."""

_PIECES_OF_A_SIZE: Final = 1000
"""After so many pieces they grow by as much again, so that ten thousand, which are the most that S3 joins,
are 440 GB of a part: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""

RESERVE_SECONDS: Final = 90.0
"""What a run keeps of its time to store its last piece, and for a page that is under way."""

_LONGEST_WAIT: Final = 3660
"""Seconds: an hour's budget is there again within the hour. A day's quota is not waited for."""

_LONGEST_PAUSE: Final = 20.0


class Exports(Protocol):
    """What gives pages out."""

    def page(self, opening: str, cursor: str) -> ExportPage:
        """The page that a cursor stands before. Raises `ProblemError`."""
        ...


@dataclass(frozen=True)
class Carried:
    """What a run did: whether the part's file is there, and how many seconds the next run is to wait."""

    done: bool
    wait: int = 0
    pages: int = 0
    tokens: int = 0
    failed: int = 0
    walked: float = 1.0


class Carrier:
    """Carries parts. `patience` seconds it waits for a vault that carries out nothing."""

    def __init__(
        self,
        objects: Objects,
        exports: Exports,
        *,
        patience: float = 240.0,
        piece_bytes: int = PIECE_BYTES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._objects, self._exports, self._sleep = objects, exports, sleep
        self._patience, self._piece_bytes = patience, piece_bytes

    def carry(self, job: ExportJob, number: int, left: Callable[[], float]) -> Carried:
        """Goes on with a part where its last piece ends, for as long as there are seconds `left`.

        The file is made by a run of its own, which has all its time for it. Raises `Failed`,
        `VerificationError` and the errors of the vault; what was carried until then is stored.
        """
        if self._objects.find(job.file(number)) is not None:
            return Carried(done=True)
        begun, pieces = self._objects.document(job.begun), Pieces(self._objects, job, number)
        carrying = pieces.begun(begun["opening"], begun["cursors"][number - 1])
        if carrying.part.receipt is not None:
            pieces.join(carrying.lengths, _counts(carrying))
            return Carried(done=True)
        return self._pages(begun["opening"], carrying, pieces, left)

    def _pages(self, opening: str, carrying: Carrying, pieces: Pieces, left: Callable[[], float]) -> Carried:
        part, wait = carrying.part, 0
        before = part.number, part.tokens, part.failed
        try:
            while part.cursor is not None and left() > RESERVE_SECONDS:
                page = self._page(opening, part.cursor, left)
                if isinstance(page, int):
                    wait = page
                    break
                carrying.add(page)
                if len(carrying.lines) >= piece_size(self._piece_bytes, len(carrying.lengths)):
                    pieces.store(carrying)
        except TokenvaultError:
            pieces.store(carrying)
            raise
        pieces.store(carrying)
        number, tokens, failed = before
        return Carried(
            False, wait, part.number - number, part.tokens - tokens, part.failed - failed, part.walked
        )

    def _page(self, opening: str, cursor: str, left: Callable[[], float]) -> ExportPage | int:
        """The next page, or how many seconds it is until the budget of the hour is there again."""
        waited, pause = 0.0, 1.0
        while True:
            try:
                return self._exports.page(opening, cursor)
            except ProblemError as error:
                if isinstance(error, Throttled) and error.code == "budget_exceeded":
                    return _wait(error)
                if not error.retryable or waited >= self._patience or left() <= RESERVE_SECONDS:
                    raise
            self._sleep(pause)
            waited, pause = waited + pause, min(2 * pause, _LONGEST_PAUSE)


def piece_size(least: int, stored: int) -> int:
    """Bytes of the next piece, where so many are stored."""
    return least * (1 + stored // _PIECES_OF_A_SIZE)


def _wait(error: Throttled) -> int:
    seconds = error.problem.retry_after
    if seconds is None or seconds > _LONGEST_WAIT:
        raise error
    return max(1, round(seconds))


def _counts(carrying: Carrying) -> dict[str, str]:
    """What stands with the file: its counts and digest, once the receipt says the same."""
    says, part = carrying.part.counted(), carrying.part
    counts = {"chunks": part.number, "tokens": part.tokens, "failed": part.failed}
    return {**{name: str(count) for name, count in counts.items()}, "sha256": str(says["sha256"])}
