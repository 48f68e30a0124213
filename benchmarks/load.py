"""`python -m benchmarks.load`: the handlers under more and more callers, to see where a machine is full.

Each caller has a process of its own that holds both functions, as one container serves one request at a time.
AWS answers from the stub after waits as long and as uneven as within a Region, so what saturates is our CPU.
"""

import multiprocessing
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from itertools import count
from pathlib import Path
from typing import Any, Final

from benchmarks.account import CREDENTIALS, Account, detokenize_event, results, tokenize_event
from benchmarks.aws.session import StubbedAws

CALLERS: Final = (1, 2, 4, 8, 16, 32)
SECONDS: Final = float(os.environ.get("SECONDS_EACH", "4"))
SEED: Final = 20261125

MEDIAN_SECONDS: Final = {"dynamodb": 0.004, "kms": 0.008}
SPREAD: Final = 0.35
"""Of the logarithm: one answer in a hundred takes 2.3 times as long as the middle one."""


class Waits:
    """How long AWS takes: log-normal, and the same sequence in every run."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # waits, not secrets

    def __call__(self, operation: str) -> None:
        middle = MEDIAN_SECONDS[operation.partition(".")[0]]
        time.sleep(middle * self._random.lognormvariate(0, SPREAD))


def main() -> None:
    """Command line."""
    os.environ |= CREDENTIALS
    sys.stdout.write("Each request carries one item; half tokenize, half detokenize.\n\n")
    sys.stdout.write("| callers | requests a second | p50 | p90 | p99 | CPU of the machine |\n")
    sys.stdout.write("| --- | --- | --- | --- | --- | --- |\n")
    for callers in CALLERS:
        latencies, busy = _loaded(callers)
        cuts = statistics.quantiles(latencies, n=100)
        shown = " | ".join(f"{cuts[percent - 1] * 1000:.1f} ms" for percent in (50, 90, 99))
        sys.stdout.write(f"| {callers} | {len(latencies) / SECONDS:,.0f} | {shown} | {busy:.0%} |\n")
        sys.stdout.flush()


def _loaded(callers: int) -> tuple[list[float], float]:
    """The seconds that each request took, and the part of the machine's cores that the callers used."""
    forked = multiprocessing.get_context("fork")
    ready, answers = forked.Barrier(callers), forked.Queue()
    processes = [
        forked.Process(target=_caller, args=(number, ready, answers), daemon=True)
        for number in range(callers)
    ]
    for process in processes:
        process.start()
    gathered = [answers.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    latencies = [latency for caller, _ in gathered for latency in caller]
    return latencies, sum(cpu for _, cpu in gathered) / SECONDS / (os.cpu_count() or 1)


def _caller(number: int, ready: Any, answers: Any) -> None:
    aws = StubbedAws()
    with aws.installed(), Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        requests = _requests(Account(aws), number)
        for _ in range(4):
            next(requests)
        aws.wait = Waits(SEED + number)
        ready.wait(timeout=120)
        began, latencies = (time.monotonic(), time.process_time()), []
        while time.monotonic() < began[0] + SECONDS:
            started = time.perf_counter()
            next(requests)
            latencies.append(time.perf_counter() - started)
        answers.put((latencies, time.process_time() - began[1]))


def _requests(account: Account, caller: int) -> Iterator[None]:
    """A value in, and its token back: one request a step."""
    tokenize, reveal = account.handler("tokenize"), account.handler("reveal")
    for number in count():
        [made] = results(tokenize(tokenize_event("opaque", [f"value {number} of caller {caller}"])))
        yield
        results(reveal(detokenize_event([made["token"]])))
        yield


if __name__ == "__main__":
    main()
