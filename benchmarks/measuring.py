"""Measuring CPU side by side: every case in each round, in changing order, and AWS's own work left out."""

import gc
import os
import platform
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.aws.session import StubbedAws

SEED: Final = 20261125
"""Orders are shuffled alike in every run."""


Waits = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Case:
    """One thing to measure: `run` answers one event, of `operations` operations.

    Making the event and checking the answer is not measured. `waits` says how often a request waits for
    each service, calls that go side by side counted once. `repeats` is how often it runs in a round.
    """

    name: str
    event: Callable[[], Any]
    run: Callable[[Any], Any]
    check: Callable[[Any], Any]
    operations: int = 1
    waits: Waits = ()
    repeats: int = 1


Samples = dict[str, list[float]]
"""Seconds of CPU per operation, by case, one for each round."""


def interleaved(aws: StubbedAws, cases: Sequence[Case], rounds: int) -> Samples:
    """Measures all cases round by round, so that a busy neighbour slows all of them alike.

    One call at a time: as in a function, each finds the caches full of something else.
    """
    samples: Samples = {case.name: [] for case in cases}
    order = random.Random(SEED)  # an order to run things in, not a secret
    for case in cases:
        _seconds(aws, case)
    gc.collect()
    # What the harness holds itself (the emulator, since the tests bring it along) is no case to collect.
    gc.freeze()
    turns = [case for case in cases for _ in range(case.repeats)]
    for _ in range(rounds):
        spent: defaultdict[str, list[float]] = defaultdict(list)
        for case in order.sample(turns, len(turns)):
            spent[case.name].append(_seconds(aws, case))
        for name, seconds in spent.items():
            samples[name].append(median(seconds))
    gc.unfreeze()
    return samples


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def ratio(samples: Samples, name: str, floor: str) -> float:
    """How many times the CPU of its floor an operation takes: the median over the rounds."""
    return median([spent / base for spent, base in zip(samples[name], samples[floor], strict=True)])


def _seconds(aws: StubbedAws, case: Case) -> float:
    event = case.event()
    before, answering = time.process_time(), aws.cpu_seconds
    answer = case.run(event)
    spent = time.process_time() - before - (aws.cpu_seconds - answering)
    case.check(answer)
    return spent / case.operations


def machine() -> dict[str, Any]:
    """What it is measured on."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
