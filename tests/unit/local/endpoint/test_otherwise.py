"""What emulators are known to do otherwise is about tests that there are, on the version that is pinned."""

import re
from pathlib import Path

import pytest

from tests.support.emulators import OTHERWISE, OURS_ALONE

ROOT = Path(__file__).resolve().parents[4]
STARTS = re.compile(r'dev_running: Running|DevStack\(|"dev"|tokenvault-dev')
"""What the stack without Terraform is started by: its fixture, its class, its commands."""


@pytest.mark.parametrize("name", [name for tests in OTHERWISE.values() for name in tests])
def test_each_name_is_a_tests(name: str) -> None:
    """Without its parameters; a renamed test takes its entry along."""
    file, _, test = name.partition("::")
    assert f"def {test}(" in (ROOT / file).read_text()


def test_the_files_that_are_ours_alone_are_those_that_start_an_emulator() -> None:
    """No other has an emulator of its own, so that nothing runs there that has no part in what is tried."""
    files = (ROOT / "tests" / "integration").glob("test_*.py")
    starting = {file for file in files if STARTS.search(file.read_text())}
    assert {str(file.relative_to(ROOT)) for file in starting} == set(OURS_ALONE)


def test_each_difference_was_seen_on_the_pinned_version() -> None:
    """A new version has each looked at again."""
    requirements = (ROOT / "requirements-ministack.txt").read_text().splitlines()
    [version] = [line.partition("==")[2] for line in requirements if line.startswith("ministack==")]
    for why in OTHERWISE["MiniStack"].values():
        assert why.startswith(f"{version}: ")
