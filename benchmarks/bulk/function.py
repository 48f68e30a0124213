"""One container of the tokenizing function, of the checkout that is the working directory.

Run by path, so that it serves an older checkout too, with that checkout's own account and stub. A line of
JSON in is an event, and the line out its response; an empty line in asks for what was counted so far.
"""

import gc
import json
import os
import sys
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))

from benchmarks.account import CREDENTIALS, Account, results, tokenize_event  # of the working directory
from benchmarks.aws.session import StubbedAws
from benchmarks.load import Waits

MOST_PARTITIONS = 20_000


class Newest(OrderedDict[str, dict[str, str]]):
    """A table that forgets its oldest partitions, so that a long run fits in memory."""

    def __missing__(self, partition: str) -> dict[str, str]:
        if len(self) >= MOST_PARTITIONS:
            self.popitem(last=False)
        self[partition] = {}
        return self[partition]


class Function:
    """Answers events, and counts what they took."""

    def __init__(self, aws: StubbedAws, seed: int) -> None:
        self._aws, self._answer = aws, Account(aws).handler("tokenize")
        for kind, value in (("formatted", "4111111111111111"), ("cached", "a value")):
            results(self._answer(tokenize_event(kind, [value])))
        aws.dynamodb._tables["vault"] = Newest()
        for counted in (aws.calls, aws.dynamodb.write_units, aws.dynamodb.read_units):
            counted.clear()
        aws.wait = Waits(seed)
        self._cpu_seconds = 0.0
        gc.collect()
        gc.freeze()

    def answer(self, event: Any) -> Any:
        """The response."""
        before, answering = time.process_time(), self._aws.cpu_seconds
        response = self._answer(event)
        self._cpu_seconds += time.process_time() - before - (self._aws.cpu_seconds - answering)
        return response

    def counted(self) -> dict[str, float]:
        """CPU of the service without that of the stub, and what it asked of AWS."""
        calls, dynamodb = self._aws.calls, self._aws.dynamodb
        return {
            "cpu_seconds": self._cpu_seconds,
            "dynamodb_requests": sum(n for name, n in calls.items() if name.startswith("dynamodb.")),
            "kms_requests": sum(n for name, n in calls.items() if name.startswith("kms.")),
            "write_units": sum(dynamodb.write_units.values()),
            "read_units": sum(dynamodb.read_units.values()),
        }


def main() -> None:
    """Serves until standard input ends."""
    os.environ |= CREDENTIALS
    out = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    aws = StubbedAws()
    with aws.installed():
        function = Function(aws, int(sys.argv[1]))
        for line in sys.stdin:
            answer = function.answer(json.loads(line)) if line.strip() else function.counted()
            out.write(json.dumps(answer) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
