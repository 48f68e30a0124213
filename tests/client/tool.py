"""The command line tool as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[2] / "clients" / "python" / "src"


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.split("\n")[:-1]

    @property
    def objects(self) -> list[Any]:
        return [json.loads(line) for line in self.lines]


def run(environment: Mapping[str, str], *arguments: str, stdin: str | bytes = b"") -> Ended:
    """Runs `tokenvault` with these arguments, in this environment and no other."""
    command = [sys.executable, "-m", "tokenvault_client", *arguments]
    needed = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        command, input=given, env={**needed, **environment}, capture_output=True, timeout=60, check=False
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
