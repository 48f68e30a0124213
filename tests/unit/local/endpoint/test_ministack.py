"""MiniStack as a process: up while it is wanted, and gone afterwards however that ends."""

import sys
from pathlib import Path

import pytest

from local import processes
from local.endpoint import ministack
from local.endpoint.ministack import SETTINGS, MiniStack
from local.errors import StepError

pytestmark = pytest.mark.usefixtures("signals_as_by_hand")

SMALL = """#!{python}
import http.server, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/_ministack/health" else 404)
        self.end_headers()

assert sys.argv[1:] == ["-m", "ministack"]
assert os.environ["BIND_HOST"] == "127.0.0.1"
assert os.path.samefile(os.environ["TMPDIR"], os.getcwd())
http.server.HTTPServer(("127.0.0.1", int(os.environ["GATEWAY_PORT"])), Handler).serve_forever()
"""


ENDING = """#!{python}
import os, signal, time

os.kill(os.getppid(), signal.{name})
time.sleep(600)
"""


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An interpreter whose module `ministack` answers that it is well, and does nothing else."""
    file = tmp_path / "python"
    file.write_text(SMALL.format(python=sys.executable))
    file.chmod(0o755)
    return file


@pytest.fixture
def state(tmp_path: Path, python: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the command, which starts the small one."""
    monkeypatch.setattr(ministack, "STATE", tmp_path / "state")
    monkeypatch.setattr(MiniStack.start, "__defaults__", (python,))
    return tmp_path / "state"


@pytest.mark.parametrize("status", [0, 3])
def test_a_command_is_told_where_it_answers(state: Path, tmp_path: Path, status: int) -> None:
    """The command's status is handed on, and nothing is left."""
    told = tmp_path / "told"
    script = f"import sys; open({str(told)!r}, 'w').write(' '.join(sys.argv[1:])); sys.exit({status})"
    assert ministack.main(["--", sys.executable, "-c", script, "its own"]) == status
    words = told.read_text().split()
    assert words[:3] == ["its", "own", "--endpoint"]
    assert words[3].startswith("http://127.0.0.1:")
    assert running(state) == []


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_start_that_is_cut_short_leaves_nothing(state: Path, python: Path, name: str) -> None:
    """Ctrl-C, `kill` and a closed terminal end what has not answered yet, too."""
    python.write_text(ENDING.format(python=sys.executable, name=name))
    assert ministack.main(["--", "true"]) == 0
    assert running(state) == []


def running(state: Path) -> list[Path]:
    """The claims of processes that live."""
    return [file for file in state.glob("*/ministack.pid") if processes.running(file) is not None]


def test_one_that_was_left_behind_is_stopped(state: Path, python: Path) -> None:
    """A killed command's MiniStack ends when the next one starts, on whichever port that is."""
    left = MiniStack(state, processes.free_port())
    left.start(python)
    left._owner.release()  # as the kernel does it for a process that was killed
    later = MiniStack(state, processes.free_port())
    later.start(python)
    assert left._process.poll() is not None
    later.stop()
    assert running(state) == []
    left._folder.cleanup()


def test_one_that_is_wanted_stays_beside_others(state: Path, python: Path) -> None:
    """`make test-endpoint` ends no `make ministack`; on the same port, the second one says so."""
    port = processes.free_port()
    serving = MiniStack(state, port)
    serving.start(python)
    assert ministack.main(["--", "true"]) == 0
    again = MiniStack(state, port)
    with pytest.raises(StepError, match=rf"Port {port} .* is taken"):
        again.start(python)
    again.stop()
    assert serving._process.poll() is None
    serving.stop()
    assert not processes.taken(port)


def test_one_that_does_not_start_is_told(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With where to read what it said."""
    broken = state.parent / "python"
    broken.write_text("#!/bin/sh\nexit 1\n")
    assert ministack.main(["--", "true"]) == 1
    told = Path(capsys.readouterr().err.split()[-1])
    assert (told.name, told.exists()) == ("ministack.log", True)


def test_it_listens_on_loopback_only() -> None:
    """Its callers are root in its account, and three of its listeners take every address unless told."""
    wanted = {"BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
    assert wanted.items() <= SETTINGS.items()
