"""Takes a part in: its rows come out with tokens, in a file of their own."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import BinaryIO, Final

from tokenvault_client.bulk.errors import NotImportable, TooManyErrors
from tokenvault_client.bulk.flights import in_order
from tokenvault_client.bulk.pace import Pace, Stopped
from tokenvault_client.bulk.rows import Bad, Position, Source, cut, rendered
from tokenvault_client.bulk.sending import Sending, Tokenizing

from bulklib.planning import Part

_AHEAD: Final = 4
"""Chunks begun for each request that may be under way, as on one machine."""


@dataclass(frozen=True)
class Counts:
    """What was taken in: rows, values that were sent, and cells that have no token."""

    rows: int
    values: int
    bad_cells: int


@dataclass(frozen=True)
class Limits:
    """At most `parallel` requests at once, and `errors` bad cells. A service that carries out nothing for
    `patience` seconds ends the part."""

    parallel: int
    errors: int
    patience: float


def take_in(
    source: Source,
    start: Position,
    part: Part,
    *,
    client: Tokenizing,
    key: Callable[[int], str],
    limits: Limits,
    out: BinaryIO,
    bad_rows: BinaryIO,
) -> Counts:
    """The part's rows, written to `out` without the file's head, and its bad cells, a line each.

    `key` gives the idempotency key of a chunk. Raises `NotImportable`, for other rows than were planned too,
    `TooManyErrors` and the errors of the client.
    """
    pace = Pace(limits.parallel)
    sending = Sending(client, pace, limits.patience)
    rows = values = failed = 0
    answered = in_order(
        cut(source.rows(start), 0),
        lambda chunk: sending.send(chunk.items, key(chunk.number)),
        limits.parallel,
        lambda: None,
        ahead=_AHEAD * limits.parallel,
    )
    try:
        with closing(answered):
            for chunk, results in answered:
                content, bad = rendered(chunk, results)
                out.write(content)
                bad_rows.writelines(map(bad_line, bad))
                rows, values, failed = rows + len(chunk.rows), values + len(results), failed + len(bad)
                if failed > limits.errors:
                    raise _too_many(limits.errors, bad[-1])
    except Stopped as stopped:
        raise sending.raised(stopped) from None
    finally:
        pace.stop()
    if rows != part.rows:
        raise NotImportable(f"{part.name} has other rows than were planned; put the file there once more")
    return Counts(rows, values, failed)


def _too_many(limit: int, last: Bad) -> TooManyErrors:
    return TooManyErrors(f"more than {limit} cells of a part are bad; the last: {last.sentence()}")


def bad_line(entry: Bad) -> bytes:
    """A bad cell as a line of JSON: row, column, rule, never the value."""
    return json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"
