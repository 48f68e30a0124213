"""The pytest plugin by itself, with a command that stands for the service."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
CLIENT = {"name": "app", "client_id": "1", "client_secret": "2", "api_key": "3"}
FACTS = json.dumps({"url": "http://127.0.0.1:1", "token_url": "http://127.0.0.1:2", "clients": [CLIENT]})
SERVICE = f"""
import sys
print("about to start", sys.argv[1:], file=sys.stderr, flush=True)
if "fail" in sys.argv:
    sys.exit("Port 1 on 127.0.0.1 is taken.")
print({FACTS!r}, flush=True)
sys.stdin.read()
"""
SETTINGS = """
[pytest]
tokenvault_dev_command = {python} service.py {option}
"""
ADOPTERS_TEST = """
def test_mine(tokenvault_dev):
    assert tokenvault_dev.environment("app")["TOKENVAULT_URL"] == "http://127.0.0.1:1"
"""


def adopters_tests(
    folder: Path,
    option: str = "",
    client: str = "app",
    *,
    settings: str = SETTINGS,
    below: str = ".",
    path: Path = ROOT / "local" / "installed",
) -> "subprocess.CompletedProcess[str]":
    """An adopter's tests, with a `tokenvault-dev` of another environment; `below` is where pytest starts."""
    (folder / "service.py").write_text(SERVICE)
    (folder / "test_mine.py").write_text(ADOPTERS_TEST.replace("app", client))
    (folder / "pytest.ini").write_text(settings.format(python=sys.executable, option=option))
    environment = {**os.environ, "PYTHONPATH": str(path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tokenvault_dev.plugin", "-p", "no:schemathesis"]
    command += ["-p", "no:cacheprovider", "-p", "no:hypothesispytest", str(folder)]
    return subprocess.run(
        command, cwd=folder / below, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_command_may_be_that_of_another_environment(tmp_path: Path) -> None:
    """For tests whose libraries do not go with the service's: one setting, and nothing of it is imported."""
    done = adopters_tests(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_service_that_does_not_start_says_why(tmp_path: Path) -> None:
    """Each test that wants it fails with what the service said, and without our own lines."""
    done = adopters_tests(tmp_path, "fail")
    assert done.returncode == 1
    assert "tokenvault did not start:\nabout to start" in done.stdout
    assert "Port 1 on 127.0.0.1 is taken." in done.stdout
    assert "plugin.py" not in done.stdout


def test_a_client_that_the_policy_does_not_have_is_named_beside_those_it_has(tmp_path: Path) -> None:
    """Whoever mistyped a name reads the right one in the failure."""
    done = adopters_tests(tmp_path, client="apps")
    assert done.returncode == 1
    assert "the policy has no client apps; it has app" in done.stdout


def test_the_command_is_found_from_the_folder_of_the_settings(tmp_path: Path) -> None:
    """Whichever folder pytest starts in: its options as well, and a program by its path."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "launcher").write_text(f"#!/bin/sh\nexec {sys.executable} service.py\n")
    (tmp_path / "launcher").chmod(0o755)
    for settings in (SETTINGS, SETTINGS.replace("{python} service.py", "./launcher")):
        done = adopters_tests(tmp_path, settings=settings, below="tests")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("./not-there", "tokenvault_dev_command: ./not-there (from {folder}): No such file or directory"),
        ("/bin/echo", "tokenvault_dev_command: what it names started, and is no tokenvault-dev"),
    ],
)
def test_a_command_that_is_wrong_is_one_line(tmp_path: Path, command: str, said: str) -> None:
    """That names the setting, and is no traceback of ours."""
    done = adopters_tests(tmp_path, settings=f"[pytest]\ntokenvault_dev_command = {command}\n")
    assert done.returncode == 1
    assert said.format(folder=tmp_path) in done.stdout.splitlines()
    assert "plugin.py" not in done.stdout


def test_without_its_packages_and_the_setting_it_says_what_to_do(tmp_path: Path) -> None:
    """As after `pip install --no-deps`: the service lacks the first package that it imports."""
    installed = tmp_path / "installed"
    shutil.copytree(ROOT / "local" / "installed", installed)
    (installed / "tokenvault_dev" / "service" / "local").mkdir(parents=True)
    (installed / "tokenvault_dev" / "service" / "local" / "dev.py").write_text("import not_installed\n")
    done = adopters_tests(tmp_path, settings="[pytest]\n", path=installed)
    assert done.returncode == 1
    line = "set tokenvault_dev_command, or install tokenvault with its packages (docs/local.md)"
    assert line in done.stdout.splitlines()
    assert "Traceback" not in done.stdout
