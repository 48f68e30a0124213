"""`make rotation-bench`: sealing records again beside requests, and whole rotations of more and more records.

Writes the block of `docs/performance.md` and `benchmarks/rotation.json`. `RECORDS` of the environment says
how many records the larger rotation has, `ROUNDS` how often all take turns.
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.account import CREDENTIALS
from benchmarks.aws.session import StubbedAws
from benchmarks.measuring import machine
from benchmarks.report import replaced
from benchmarks.rotation import ratios, report
from benchmarks.rotation.stored import store

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final = ROOT / "benchmarks/rotation.json"
PAGE: Final = ROOT / "docs/performance.md"
RECORDS: Final = int(os.environ.get("RECORDS", "1000000"))
ROUNDS: Final = int(os.environ.get("ROUNDS", "60"))
SMALLER: Final = 10
"""How many times fewer records the smaller rotation has."""


def main() -> None:
    """Command line."""
    os.environ |= CREDENTIALS
    _say("beside requests ...")
    beside = ratios.measured(ROUNDS)
    measured = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "rounds": ROUNDS,
        **beside,
        "whole": {str(records): _whole(records) for records in (RECORDS // SMALLER, RECORDS)},
    }
    FILE.write_text(json.dumps(measured, indent=1) + "\n")
    PAGE.write_text(replaced(PAGE.read_text(), report.block(measured), report.MARK))
    sys.stdout.write(f"{report.block(measured)}\n")


def _whole(records: int) -> dict[str, Any]:
    """A rotation in a process of its own, so that its memory is all that is counted."""
    with tempfile.TemporaryDirectory() as folder:
        _say(f"storing {records:,} records ...")
        aws = StubbedAws()
        with aws.installed(), Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            store(aws, Path(folder), records)
        _say("sealing them again ...")
        command = [sys.executable, "-m", "benchmarks.rotation.whole", folder]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return dict(json.loads(done.stdout))


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")


if __name__ == "__main__":
    main()
