"""What `make` started ends with `make`, also where no terminal tells both."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LAUNCHER = f"#!{sys.executable}\nimport signal\nprint('up', flush=True)\nsignal.pause()\n"


@pytest.mark.parametrize("target", ["run", "dev", "example"])
def test_the_launcher_ends_with_make(tmp_path: Path, target: str) -> None:
    """A pipeline ends what it started, which is `make`; a shell between them did not hand that on."""
    launcher = tmp_path / "python"
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)
    # The environment that runs this test is taken as it is: made anew, it would go away below the test.
    given = ["--old-file=.venv/.ready", f"PYTHON={launcher}", "BUILD_TYPESCRIPT=true"]
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    making = subprocess.Popen(
        ["make", "-s", target, *given],
        cwd=ROOT,
        env=inherited,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert making.stdout is not None
        assert making.stdout.readline() == b"up\n"
        making.terminate()
        # The pipe has an end only once nobody is left who could write to it.
        assert making.communicate(timeout=30) == (b"", None)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(making.pid, signal.SIGKILL)
        making.wait()
