"""Cold starts: from a fresh interpreter to the first answered request, for each function, and their floor."""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.account import CREDENTIALS, Account, detokenize_event, results, tokenize_event
from benchmarks.measuring import median

SCRIPT: Final = Path(__file__).with_name("cold_start.py")
FLOOR: Final = "floor"
_HANDLERS: Final = {"tokenize": "app.app", "reveal": "app.reveal"}


def measured(account: Account, package: Path, scratch: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Medians of CPU and wall milliseconds and of peak MB, for the floor and for each function.

    The floor is boto3 as pip installs it, compiled, with all its descriptions of services.
    """
    work = {FLOOR: (Path(sysconfig.get_paths()["purelib"]), FLOOR, {}, scratch)}
    for function, handler in _HANDLERS.items():
        answers = scratch / f"{function}.json"
        answers.write_text(json.dumps(_first_request(account, function)))
        work[function] = (package, handler, account.env(function), answers)
    runs: dict[str, list[list[float]]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, (folder, what, environment, answers) in work.items():
            runs[name].append(_started(folder, what, environment, answers))
    return {
        name: dict(zip(("cpu_ms", "wall_ms", "rss_mb"), _medians(each), strict=True))
        for name, each in runs.items()
    }


def floor_cpu_seconds(packages: Path) -> float:
    """CPU of the floor, once: boto3 and two clients from a folder of installed packages."""
    return _started(packages, FLOOR, {}, Path(os.devnull))[0]


def _medians(runs: list[list[float]]) -> Iterator[float]:
    for number, scale in enumerate((1000, 1000, 1)):
        yield round(median([run[number] for run in runs]) * scale, 1)


def _first_request(account: Account, function: str) -> dict[str, Any]:
    """An event, and all that AWS answers to a new container for it."""
    made = tokenize_event("opaque", ["a value of some length"])
    event = made
    if function == "reveal":
        event = detokenize_event([results(account.handler("tokenize")(made))[0]["token"]])
    with _recording(account) as recorded:
        account.restart()
        results(account.handler(function)(event))
    return {"event": event, "recorded": recorded}


@contextmanager
def _recording(account: Account) -> Iterator[list[tuple[str, str]]]:
    recorded: list[tuple[str, str]] = []
    account.aws.recorded = recorded
    yield recorded
    account.aws.recorded = None


def _started(folder: Path, work: str, environment: dict[str, str], answers: Path) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-B", "-I", "-S", str(SCRIPT), str(folder), work, str(answers)],
        env=CREDENTIALS | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return list(json.loads(done.stderr.splitlines()[-1]))
