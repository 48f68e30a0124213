"""How long `tokenvault-dev` takes until it serves, beside what no program that calls AWS can do without."""

import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks import cold
from benchmarks.measuring import median

ROOT: Final = Path(__file__).resolve().parents[1]
COMMAND: Final = (sys.executable, "-m", "local.dev", "--json", "--port", "0", "--while-open", "--state")


def measured(rounds: int) -> dict[str, Any]:
    """The least of wall milliseconds, medians of CPU milliseconds and of their ratio to a cold start's floor.

    The CPU is that of all its processes (launcher, emulator, functions), from the start to the end. Floor and
    start take turns, so that a busy neighbour slows both alike; of the wall time the least is taken, since
    what neighbours take of it is no part of the start.
    """
    starts, floors = [], []
    for _ in range(rounds):
        floors.append(cold.floor_cpu_seconds(Path(sysconfig.get_paths()["purelib"])))
        with tempfile.TemporaryDirectory() as state:
            starts.append(_started(state))
    ratios = [cpu / floor for (_, cpu), floor in zip(starts, floors, strict=True)]
    return {
        "wall_ms": round(min(wall for wall, _ in starts) * 1000),
        "cpu_ms": round(median([cpu for _, cpu in starts]) * 1000),
        "ratio": round(median(ratios), 1),
    }


def _started(state: str) -> tuple[float, float]:
    """Seconds until it said that it serves, and of CPU in all."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [*COMMAND, state],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    said = process.stdout.readline()
    took = time.perf_counter() - began
    process.stdin.close()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert said, "it did not start"  # what does not serve is not measured
    assert process.returncode == 0
    process.stdout.close()
    return took, used.ru_utime + used.ru_stime
