"""One side of `benchmarks.against`: measures a round whenever it is told to.

Run by path, with a checkout as the working directory: so it measures that checkout, an older one too, with
that checkout's own account and stub. It knows no more of them than both have.
"""

import gc
import json
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))

from benchmarks.account import (  # of the working directory
    CREDENTIALS,
    Account,
    detokenize_event,
    results,
    tokenize_event,
)
from benchmarks.aws.session import StubbedAws
from benchmarks.cases import values

BATCH = 100
SINGLE_REPEATS = 10
Run = Callable[[], Any]


def cases(account: Account) -> dict[str, tuple[Run, Callable[[Any], Any], int]]:
    """Every case: what makes its event, what answers it, and how many operations it has."""
    tokenize, reveal = account.handler("tokenize"), account.handler("reveal")
    made: dict[str, tuple[Run, Callable[[Any], Any], int]] = {}
    for size in (1, BATCH):
        for kind in ("opaque", "formatted"):
            made[f"tokenize {kind}, {size}"] = (_fresh(kind, size), tokenize, size)
    together = _tokens(results(tokenize(_event(BATCH))))
    apart = [_tokens(results(tokenize(_event(1))))[0] for _ in range(BATCH)]
    made["detokenize found, 100, tokenized together"] = (lambda: detokenize_event(together), reveal, BATCH)
    made["detokenize found, 100, tokenized apart"] = (lambda: detokenize_event(apart), reveal, BATCH)
    made["detokenize found, 1"] = (lambda: detokenize_event(apart[:1]), reveal, 1)
    return made | _subject_cases(tokenize) | _keyed_cases(tokenize)


def _subject_cases(tokenize: Callable[[Any], Any]) -> dict[str, tuple[Run, Callable[[Any], Any], int]]:
    numbers = count()
    known = [f"known{n}" for n in range(BATCH)]
    tokenize(_event(BATCH, known))
    return {
        "tokenize, 100, known subjects": (lambda: _event(BATCH, known), tokenize, BATCH),
        "tokenize, 100, new subjects": (
            lambda: _event(BATCH, [f"new{next(numbers)}" for _ in range(BATCH)]),
            tokenize,
            BATCH,
        ),
    }


def _keyed_cases(tokenize: Callable[[Any], Any]) -> dict[str, tuple[Run, Callable[[Any], Any], int]]:
    keys = count()
    again = _keyed(_event(BATCH), f"{0:032}")
    tokenize(again)
    return {
        "tokenize, 100, keyed": (lambda: _keyed(_event(BATCH), f"{next(keys) + 1:032}"), tokenize, BATCH),
        "tokenize, 100, keyed, sent again": (lambda: again, tokenize, BATCH),
    }


def _fresh(kind: str, size: int) -> Run:
    fresh = values(kind, size)
    return lambda: tokenize_event(kind, [next(fresh) for _ in range(size)])


def _event(size: int, subjects: list[str] | None = None) -> dict[str, Any]:
    event = tokenize_event("opaque", [f"a value {number:06}" for number in range(size)])
    if subjects:
        body = json.loads(event["body"])
        for item, subject in zip(body["items"], subjects, strict=True):
            item["subject"] = subject
        event["body"] = json.dumps(body)
    return event


def _keyed(event: dict[str, Any], key: str) -> dict[str, Any]:
    return {**event, "headers": {**event["headers"], "Idempotency-Key": key}}


def _tokens(found: list[dict[str, Any]]) -> list[str]:
    return [entry["token"] for entry in found]


def rounds(aws: StubbedAws, account: Account) -> Iterator[dict[str, Any]]:
    """CPU seconds an operation and requests to AWS by case, for one round after the other."""
    chosen, order = cases(account), random.Random(1)
    turns = [name for name, (*_, size) in chosen.items() for _ in range(SINGLE_REPEATS if size == 1 else 1)]
    gc.collect()
    gc.freeze()
    while True:
        spent: defaultdict[str, list[float]] = defaultdict(list)
        asked: dict[str, int] = {}
        for name in order.sample(turns, len(turns)):
            event, handle, size = chosen[name][0](), *chosen[name][1:]
            before, answering, calls = time.process_time(), aws.cpu_seconds, aws.calls.total()
            answer = handle(event)
            seconds = time.process_time() - before - (aws.cpu_seconds - answering)
            results(answer)
            spent[name].append(seconds / size)
            asked[name] = aws.calls.total() - calls
        yield {name: [min(each), asked[name]] for name, each in spent.items()}


def main() -> None:
    """A round for each line of standard input, as a line of JSON on standard output."""
    os.environ |= CREDENTIALS
    out = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    aws = StubbedAws()
    with aws.installed():
        measured = rounds(aws, Account(aws))
        for _ in sys.stdin:
            out.write(json.dumps(next(measured)) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
