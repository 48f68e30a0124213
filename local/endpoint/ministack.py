"""MiniStack for as long as it is wanted: `python -m local.endpoint.ministack [--port N] [-- command ...]`.

With a command, it is up while the command runs, which is given `--endpoint` with its address. Without one, it
serves until Ctrl-C. Its environment is its own, `.venv-ministack`; make makes it.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from local import processes
from local.endpoint.address import recognized
from local.environment import isolated
from local.errors import StepError
from local.output import say
from local.paths import ROOT

PYTHON: Final = ROOT / ".venv-ministack" / "bin" / "python"
STATE: Final = ROOT / ".local" / "ministack"
START_SECONDS: Final = 120

SETTINGS: Final = {
    "BIND_HOST": "127.0.0.1",  # everywhere otherwise, and its callers are root in its account
    "MINISTACK_HOST": "127.0.0.1",
    "LAMBDA_EXECUTOR": "local",  # functions are processes, and Docker is not needed
    "IOT_MTLS_ENABLED": "0",  # these two would listen on every address of this machine
    "SFTP_ENABLED": "0",
}


class MiniStack:
    """One process, from `start` to `stop`; what a killed one left behind is stopped by the next start."""

    def __init__(self, state: Path, port: int) -> None:
        self._state, self._port = state, port
        self.endpoint = f"http://127.0.0.1:{port}"

    @property
    def _claim(self) -> Path:
        return self._state / "ministack.pid"

    def start(self, python: Path = PYTHON) -> None:
        """Until it answers. Raises `StepError` when it does not."""
        self._state.mkdir(parents=True, exist_ok=True)
        processes.stop(self._claim)
        if processes.taken(self._port):
            raise StepError(f"Port {self._port} on 127.0.0.1 is taken. EMULATOR_PORT chooses another.")
        self._folder = tempfile.TemporaryDirectory(prefix="ministack-")
        log = self._state / "ministack.log"
        environment = {**isolated(os.environ), **SETTINGS}
        environment |= {"GATEWAY_PORT": str(self._port), "TMPDIR": self._folder.name}
        command = [str(python), "-m", "ministack"]
        with log.open("wb") as output:
            process = processes.start(command, self._claim, output, environment, Path(self._folder.name))
        processes.wait_until(lambda: process.poll() is not None or self._answers(), START_SECONDS)
        if process.poll() is not None or not self._answers():
            raise StepError(f"MiniStack did not start; what it said is in {log}")
        self._process = process

    def stop(self) -> None:
        """Ends it, and what it wrote goes with it."""
        processes.stop(self._claim)
        self._process.wait()
        self._folder.cleanup()

    def _answers(self) -> bool:
        try:
            return processes.taken(self._port) and recognized(self.endpoint).name == "MiniStack"
        except (StepError, urllib.error.URLError):
            return False


def main(arguments: Sequence[str] | None = None) -> int:
    """The command's exit status, or 0 after Ctrl-C."""
    chosen = _parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    ministack = MiniStack(STATE, chosen.port or processes.free_port())
    try:
        ministack.start()
    except (StepError, OSError) as failed:
        sys.stderr.write(f"\n{failed}\n")
        return 1
    try:
        say(f"MiniStack answers at {ministack.endpoint}")
        return _until_done(chosen.command, ministack.endpoint)
    except KeyboardInterrupt:
        return 0
    finally:
        ministack.stop()


def _until_done(command: Sequence[str], endpoint: str) -> int:
    """Runs the command to its end, or waits for a signal where there is none."""
    if not command:
        signal.pause()
        return 0
    return subprocess.run([*command, "--endpoint", endpoint], check=False).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.endpoint.ministack")
    parser.add_argument("--port", type=int, default=0, help="where it answers (default: a free one)")
    parser.add_argument("command", nargs="*", help="what to run while it is up")
    return parser


if __name__ == "__main__":
    sys.exit(main())
