"""The command line tool as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
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


def run(
    environment: Mapping[str, str], *arguments: str, stdin: str | bytes = b"", seconds: float = 60
) -> Ended:
    """Runs `tokenvault` with these arguments, in this environment and no other, for so long at most."""
    with start(environment, *arguments) as running:
        return end(running, stdin, seconds)


def start(
    environment: Mapping[str, str], *arguments: str, prepare: Callable[[], None] | None = None
) -> subprocess.Popen[bytes]:
    """The tool, running, its streams being pipes. `prepare` is run in the new process before the tool."""
    command = [sys.executable, "-m", "tokenvault_client", *arguments]
    needed = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    # What prepares is one system call, and no lock stands between fork and exec.
    return subprocess.Popen(command, env={**needed, **environment}, preexec_fn=prepare, **pipes)  # noqa: PLW1509


def end(running: subprocess.Popen[bytes], stdin: str | bytes = b"", seconds: float = 60) -> Ended:
    """Waits for its end."""
    try:
        out, err = running.communicate(stdin.encode() if isinstance(stdin, str) else stdin, seconds)
    except BaseException:
        running.kill()
        raise
    return Ended(running.returncode, out.decode(), err.decode())
