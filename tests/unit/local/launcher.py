"""The launcher as a process: a small stand-in for its stack, and its real commands."""

import os
import subprocess
import sys
from pathlib import Path

from local import processes

ROOT = Path(__file__).resolve().parents[3]
SMALL = [sys.executable, "-m", "tests.unit.local.children.launcher"]
REAL = [sys.executable, "-m", "local"]
PATIENCE_SECONDS = 150
"""A busy machine takes its time over each start of Python; nothing waits this long otherwise."""


class Launcher:
    """A launcher with a state folder of its own, and its commands."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def command(self, program: list[str], *arguments: str) -> list[str]:
        """A command line on this state folder."""
        return [*program, "--state", str(self.state), *arguments]

    def start(self, *arguments: str, **options) -> "subprocess.Popen[bytes]":
        """`run`, in the background; waits until it says that it is up."""
        process = subprocess.Popen(
            self.command(SMALL, *arguments, "run"),
            cwd=ROOT,
            env=self.environment,
            stderr=subprocess.STDOUT,
            **{"stdout": subprocess.PIPE, **options},
        )
        assert processes.wait_until(
            lambda: (self.state / "stack.env").exists() or process.poll() is not None, PATIENCE_SECONDS
        )
        return process

    def do(self, *arguments: str, program: list[str] = REAL) -> "subprocess.CompletedProcess[str]":
        """A command, to its end."""
        return subprocess.run(
            self.command(program, *arguments),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=PATIENCE_SECONDS,
        )

    def left(self) -> list[str]:
        """What is still there: processes by their claims, and files with facts or secrets."""
        claimed = [name for name in ("launcher.pid", "emulator.pid") if processes.running(self.state / name)]
        files = ("stack.env", "clients.json", "receipts.der")
        return claimed + [name for name in files if (self.state / name).exists()]


def one_sentence(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    """Failed with what to do, and not with a traceback."""
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr + done.stdout
    assert all(word in done.stderr for word in words), done.stderr
