"""What emulators are known to do otherwise is about tests that there are, on the version that is pinned."""

from pathlib import Path

import pytest

from tests.support.emulators import OTHERWISE, OURS_ALONE

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize("name", [name for tests in OTHERWISE.values() for name in tests])
def test_each_name_is_a_tests(name: str) -> None:
    """Without its parameters; a renamed test takes its entry along."""
    file, _, test = name.partition("::")
    assert f"def {test}(" in (ROOT / file).read_text()


def test_each_file_that_is_ours_alone_is_there() -> None:
    """Its tests start an emulator of their own."""
    for file in OURS_ALONE:
        assert "dev" in (ROOT / file).read_text()


def test_each_difference_was_seen_on_the_pinned_version() -> None:
    """A new version has each looked at again."""
    requirements = (ROOT / "requirements-ministack.txt").read_text().splitlines()
    [version] = [line.partition("==")[2] for line in requirements if line.startswith("ministack==")]
    for why in OTHERWISE["MiniStack"].values():
        assert why.startswith(f"{version}: ")
