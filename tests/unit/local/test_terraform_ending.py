"""Terraform that is cut short: with patience it ends in order first, and by force afterwards."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import processes
from local.terraform import Terraform

PROGRAM = """#!{python}
import os, pathlib, signal, sys, time

if sys.argv[1] == "version":
    print("Terraform v1.11.0")
    sys.exit()

def end(*_):
    pathlib.Path("state").write_text("whole")
    if {ends}:
        sys.exit()

signal.signal(signal.SIGINT, end)
pathlib.Path("new").write_text(str(os.getpid()))
pathlib.Path("new").rename("started")
while True:
    time.sleep(0.05)
"""


@pytest.fixture
def interrupted(tmp_path: Path) -> Iterator[None]:
    """Ctrl-C, as soon as the program has started."""
    before = signal.signal(signal.SIGUSR1, signal.default_int_handler)
    started = tmp_path / "terraform" / "started"

    def interrupt() -> None:
        if processes.wait_until(started.exists, 60):
            os.kill(os.getpid(), signal.SIGUSR1)

    waiting = threading.Thread(target=interrupt)
    waiting.start()
    yield
    waiting.join()
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.usefixtures("interrupted")
@pytest.mark.parametrize(
    ("patience", "ends", "written"), [(0, True, False), (60, True, True), (1, False, True)]
)
def test_terraform_ends_in_order_when_there_is_patience(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patience: float, ends: bool, written: bool
) -> None:
    """It finishes what it has begun and notes that; one that goes on is ended all the same."""
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text(PROGRAM.format(python=sys.executable, ends=ends))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    called = Terraform(tmp_path, {}, lambda _: None, patience=patience)
    called.copy.mkdir()
    with pytest.raises(KeyboardInterrupt):
        called.run("apply")
    assert (called.copy / "state").exists() is written
    with pytest.raises(ProcessLookupError):
        os.kill(int((called.copy / "started").read_text()), 0)
