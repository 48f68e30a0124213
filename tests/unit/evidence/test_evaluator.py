"""The evaluator of IAM is installed once, whoever asks for it at the same time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.infrastructure.iam.simulator import installed

NPM = """#!/bin/sh
echo installing >> times
mkdir -p node_modules
/bin/sleep 0.2
touch node_modules/.package-lock.json
"""


@pytest.fixture(autouse=True)
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An npm that takes its time, and notes each time that it is called."""
    for name, text in (("npm", NPM), ("node", "#!/bin/sh\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


def test_two_workers_do_not_install_over_each_other(tmp_path: Path) -> None:
    """The second one waits for the first and finds it there."""
    folder = tmp_path / "iam"
    with ThreadPoolExecutor() as pool:
        assert None not in pool.map(installed, [folder] * 3)
    assert (folder / "times").read_text() == "installing\n"


def test_what_was_begun_and_not_ended_is_installed_again(tmp_path: Path) -> None:
    """A folder of modules without npm's list is what a killed run leaves."""
    folder = tmp_path / "iam"
    installed(folder)
    (folder / "node_modules" / ".package-lock.json").unlink()
    installed(folder)
    assert (folder / "times").read_text() == "installing\n" * 2
