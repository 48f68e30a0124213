"""The calls of the README, as a newcomer pastes them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
MAKE = """#!/bin/sh
# `make env` and `make token` of the stack that the test started.
target=$1; shift
for said in "$@"; do export "$said"; done
cd {root}
case "$target" in
  env) exec {python} -m local --state {state} env "$CLIENT" ;;
  token) exec {python} -m local --state {state} token "$CLIENT" --scope "$SCOPE" ;;
esac
"""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """Where `make dev` keeps what it says, at a port of its own."""
    made = tmp_path / "state"
    command = [sys.executable, "-m", "local", "--state", str(made)]
    command += ["--port", str(free_port()), "--emulator-port", str(free_port()), "dev"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert any(line.startswith("serving") for line in process.stdout)
            yield made
        finally:
            process.terminate()


def written(file: Path, script: str) -> None:
    """A command with this text."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(script)
    file.chmod(0o755)


def test_they_work_as_pasted_at_whatever_port(state: Path, tmp_path: Path) -> None:
    """A card goes in, its facts are told, and it comes back to the client that may have it."""
    written(tmp_path / "bin/make", MAKE.format(root=ROOT, python=sys.executable, state=state))
    written(tmp_path / ".venv/bin/python", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (tmp_path / ".local").mkdir()
    section = (ROOT / "README.md").read_text().split("\n## Call it\n")[1]
    [calls] = re.findall(r"^```sh\n(.*?)^```", section.split("\n## ")[0], re.DOTALL | re.MULTILINE)
    done = subprocess.run(
        ["sh", "-euc", calls],
        cwd=tmp_path, env={**os.environ, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    decoder, answers, rest = json.JSONDecoder(), [], done.stdout.strip()
    while rest:
        answer, end = decoder.raw_decode(rest)
        answers.append(answer)
        rest = rest[end:].strip()
    made, facts, shown = answers
    assert facts["token"] == made["results"][0]["token"]
    assert shown["results"][0]["value"] == "4111111111111111"
