"""MiniStack for as long as it is wanted: `python -m local.endpoint.ministack [--port N] [-- command ...]`.

With a command, it is up while the command runs, which is given `--endpoint` with its address. Without one, it
serves until Ctrl-C. Its environment is its own, `.venv-ministack`; make makes it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from local import processes
from local.endpoint.address import recognized
from local.environment import isolated
from local.errors import StepError
from local.interruption import Interruption
from local.output import say
from local.paths import ROOT

PYTHON: Final = ROOT / ".venv-ministack" / "bin" / "python"
STATE: Final = ROOT / ".local" / "ministack"
START_SECONDS: Final = 120
_OWNER: Final = "owner.pid"
"""The claim of the process that wants it, which is not the one that it is."""
_PROCESS: Final = "ministack.pid"

SETTINGS: Final = {
    "BIND_HOST": "127.0.0.1",  # everywhere otherwise, and its callers are root in its account
    "MINISTACK_HOST": "127.0.0.1",
    "LAMBDA_EXECUTOR": "local",  # functions are processes, and Docker is not needed
    "IOT_MTLS_ENABLED": "0",  # these two would listen on every address of this machine
    "SFTP_ENABLED": "0",
}


class MiniStack:
    """One process, from `start` to `stop`, in a folder of its port's; others may run beside it.

    `state` holds the folders. What a killed owner left there is stopped by the next start of any.
    """

    def __init__(self, state: Path, port: int) -> None:
        self._state, self._port = state, port
        self.endpoint = f"http://127.0.0.1:{port}"
        self._owner: processes.Claim | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def _own(self) -> Path:
        return self._state / str(self._port)

    def start(self, python: Path = PYTHON) -> None:
        """Until it answers. Raises `StepError` when it does not; `stop` is called all the same."""
        _stop_left(self._state)
        self._own.mkdir(parents=True, exist_ok=True)
        self._owner = processes.claim(self._own / _OWNER)
        if self._owner is None or processes.taken(self._port):
            raise StepError(f"Port {self._port} on 127.0.0.1 is taken. EMULATOR_PORT chooses another.")
        self._folder = tempfile.TemporaryDirectory(prefix="ministack-")
        log = self._own / "ministack.log"
        environment = {**isolated(os.environ), **SETTINGS}
        environment |= {"GATEWAY_PORT": str(self._port), "TMPDIR": self._folder.name}
        command = [str(python), "-m", "ministack"]
        with log.open("wb") as output:
            process = processes.start(
                command, self._own / _PROCESS, output, environment, Path(self._folder.name)
            )
        self._process = process
        processes.wait_until(lambda: process.poll() is not None or self._answers(), START_SECONDS)
        if process.poll() is not None or not self._answers():
            raise StepError(f"MiniStack did not start; what it said is in {log}")

    def stop(self) -> None:
        """Ends it, and what it wrote goes with it; also after a start that failed or was cut short."""
        if self._owner is None:
            return
        processes.stop(self._own / _PROCESS)
        if self._process is not None:
            self._process.wait()
        if self._folder is not None:
            self._folder.cleanup()
        self._owner.release()

    def _answers(self) -> bool:
        try:
            return processes.taken(self._port) and recognized(self.endpoint).name == "MiniStack"
        except (StepError, urllib.error.URLError):
            return False


def main(arguments: Sequence[str] | None = None) -> int:
    """The command's exit status, or 0 after Ctrl-C."""
    chosen = _parser().parse_args(arguments)
    interruption = Interruption()
    ministack = MiniStack(STATE, chosen.port or processes.free_port())
    try:
        ministack.start()
        say(f"MiniStack answers at {ministack.endpoint}")
        return _until_done(chosen.command, ministack.endpoint)
    except KeyboardInterrupt:
        return 0
    except (StepError, OSError) as failed:
        sys.stderr.write(f"\n{failed}\n")
        return 1
    finally:
        interruption.over = True
        ministack.stop()


def _stop_left(state: Path) -> None:
    """Stops each whose owner is gone."""
    for folder in state.glob("*/"):
        if processes.running(folder / _OWNER) is None and (folder / _PROCESS).exists():
            processes.stop(folder / _PROCESS)
            shutil.rmtree(folder, ignore_errors=True)


def _until_done(command: Sequence[str], endpoint: str) -> int:
    """Runs the command to its end, or waits for a signal where there is none."""
    if not command:
        while True:  # not one wait without an end: a signal that comes just before it would go unheard
            time.sleep(1)
    return subprocess.run([*command, "--endpoint", endpoint], check=False).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.endpoint.ministack")
    parser.add_argument("--port", type=int, default=0, help="where it answers (default: a free one)")
    parser.add_argument("command", nargs="*", help="what to run while it is up")
    return parser


if __name__ == "__main__":
    sys.exit(main())
