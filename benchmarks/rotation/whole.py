"""Runs in a process of its own: seals all that was stored in a folder again, and says what that took.

`python -m benchmarks.rotation.whole <folder>` prints the records that were moved, seconds of CPU without
AWS's own and the peak of memory in MB.
"""

import json
import os
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from benchmarks.account import CREDENTIALS
from benchmarks.aws.session import StubbedAws
from benchmarks.cold_start import peak_mb
from benchmarks.rotation.stored import load
from benchmarks.rotation.walking import Walking


def walked(folder: Path) -> dict[str, Any]:
    """All of it. Raises `ValueError` for a record that was not moved."""
    aws = StubbedAws()
    with aws.installed(), Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        walking = Walking(load(aws, folder))
        began, moved = time.process_time() - aws.cpu_seconds, 0
        while not walking.is_done:
            became = walking.page()
            moved += became.get("moved", 0)
            if sum(became.values()) != became.get("moved", 0):
                raise ValueError(became)
        spent = time.process_time() - aws.cpu_seconds - began
    return {"records": moved, "cpu_seconds": round(spent, 2), "peak_mb": round(peak_mb(), 1)}


if __name__ == "__main__":
    os.environ |= CREDENTIALS
    sys.stdout.write(json.dumps(walked(Path(sys.argv[1]))) + "\n")
