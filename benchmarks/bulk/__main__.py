"""`make bulk-bench`: a file taken in, beside an earlier commit's tool and encryption without a vault.

Everything is in one run and in turns. Writes the block of `docs/bulk.md` and `benchmarks/bulk.json`. `ROWS`
of the environment says how many rows the file has.
"""

import json
import os
import statistics
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks import against
from benchmarks.bulk import files, functions, report, runs
from benchmarks.bulk.served import Served, served
from benchmarks.measuring import machine
from benchmarks.report import replaced

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final = ROOT / "benchmarks/bulk.json"
PAGE: Final = ROOT / "docs/bulk.md"
PEERS: Final = ROOT / ".venv-peers" / "bin" / "python"
BEFORE: Final = "30af4c1"
ROWS: Final = int(os.environ.get("ROWS", "1000000"))
ROUNDS: Final = int(os.environ.get("ROUNDS", "3"))
_LEAST_OF_A_ROUND: Final = 20_000
"""Rows; with fewer, much of a run would be the start of the tool."""

BATCH: Final = 100
"""Values of a request."""

Measured = dict[str, Any]


class Bench:
    """Files, the two checkouts, and what serves them."""

    def __init__(self, folder: Path, old: Path, stacks: dict[str, Served], rows: int) -> None:
        self._folder, self._old, self._stacks = folder, old, stacks
        self.rows, self.part = rows, min(rows, max(rows // 10, _LEAST_OF_A_ROUND))
        for name, count in (("whole", rows), ("part", self.part)):
            files.write(self._file(name), count)
        with self._file("column").open("w") as column:
            column.writelines(f"{card}\n" for card in files.cards(self._file("part")))

    def round(self) -> dict[str, runs.Run]:
        """Each of them once, over the part."""
        return {
            "import": self._import("new"),
            "before": self._tokenize("old"),
            "elsewhere": self._import("elsewhere"),
            "elsewhere, 32": self._import("elsewhere", parallel=32),
            "elsewhere, before": self._tokenize("elsewhere"),
            "ff3": runs.ff3(PEERS, self._file("part"), self._out(), rows=self.part),
        }

    def counted(self, kind: str) -> Measured:
        """What an import of the part asks, a thousand rows."""
        before, requests = self._new.counted(), self._new.requests
        self._import("new", kind=kind)
        asked = _since(self._new.counted(), before)
        asked["http_requests"] = self._new.requests - requests
        return {name: round(count * 1000 / self.part, 2) for name, count in asked.items()}

    def whole(self) -> tuple[runs.Run, int]:
        """An import of the whole file, and its requests."""
        requests, out = self._new.requests, self._out()
        run = self._import("new", "whole", out=out)
        _check(out, self.rows)
        return run, self._new.requests - requests

    def resumed(self, unbroken: int) -> int:
        """The requests of an import of the whole file that was killed half way, and gone on with."""
        requests, out = self._new.requests, self._out()
        half = requests + unbroken // 2
        self._import("new", "whole", out=out, until=lambda: self._new.requests >= half)
        assert not out.exists()  # it was not done yet
        self._import("new", "whole", out=out)
        _check(out, self.rows)
        return int(self._new.requests - requests)

    def cpu_us(self, stack: str) -> float:
        """Microseconds of the service's CPU a row, of the rounds so far."""
        functions = self._stacks[stack].functions
        return round(functions.counted()["cpu_seconds"] * 1e6 / (functions.requests * BATCH), 1)

    @property
    def _new(self) -> Any:
        return self._stacks["new"].functions

    def _import(self, stack: str, name: str = "part", out: Path | None = None, **more: Any) -> runs.Run:
        environment, rows = self._stacks[stack].environment, self.rows if name == "whole" else self.part
        return runs.import_file(ROOT, environment, self._file(name), out or self._out(), rows=rows, **more)

    def _tokenize(self, stack: str) -> runs.Run:
        environment = self._stacks[stack].environment
        return runs.tokenize(self._old, environment, self._file("column"), self._out(), rows=self.part)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.csv"

    def _out(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._folder)) / "out.csv"


def measured(rows: int) -> Measured:
    """All figures."""
    with ExitStack() as stack:
        _say("the earlier commit ...")
        old = stack.enter_context(against.checkout(BEFORE))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        made = {
            "new": stack.enter_context(functions.containers(ROOT)),
            "old": stack.enter_context(functions.containers(old)),
            "elsewhere": functions.Elsewhere(),
        }
        stacks = {name: stack.enter_context(served(each)) for name, each in made.items()}
        bench = Bench(folder, old, stacks, rows)
        _say("rounds ...")
        in_turns = _in_turns(bench)
        _say("the whole file ...")
        whole, requests = bench.whole()
        _say("killed and gone on with ...")
        return in_turns | {
            "whole": {"rate": round(whole.rate), "peak_mb": round(whole.peak_bytes / 1e6)},
            "requests": {"unbroken": requests, "resumed": bench.resumed(requests)},
            "a_thousand_rows": {kind: bench.counted(kind) for kind in report.KINDS},
        }


def _in_turns(bench: Bench) -> Measured:
    """What the rounds told."""
    rounds = [bench.round() for _ in range(ROUNDS)]
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "rows": bench.rows,
        "part": bench.part,
        "rounds": ROUNDS,
        "rates": {name: round(statistics.median(each[name].rate for each in rounds)) for name in rounds[0]},
        "ratios": {name: _ratio(rounds, *pair) for name, pair in report.RATIOS.items()},
        "service_cpu_us": {name: bench.cpu_us(name) for name in ("new", "old")},
        "part_peak_mb": round(max(each["import"].peak_bytes for each in rounds) / 1e6),
    }


def _ratio(rounds: list[dict[str, runs.Run]], ours: str, theirs: str) -> float:
    return round(statistics.median(each[ours].rate / each[theirs].rate for each in rounds), 2)


def _since(after: Counter[str], before: Counter[str]) -> dict[str, float]:
    return {name: after[name] - before[name] for name in after}


def _check(out: Path, rows: int) -> None:
    """Every row is there, and each has a token of its own."""
    tokens = list(files.cards(out))
    assert len(tokens) == len(set(tokens)) == rows
    assert all(tokens)


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")


def main() -> None:
    """Command line."""
    found = measured(ROWS)
    FILE.write_text(json.dumps(found, indent=1) + "\n")
    PAGE.write_text(replaced(PAGE.read_text(), report.block(found), report.MARK))
    sys.stdout.write(f"{report.block(found)}\n")


if __name__ == "__main__":
    main()
