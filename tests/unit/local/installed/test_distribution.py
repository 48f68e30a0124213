"""What `pip install` of the checkout takes along."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ONLY_HERE = {"airspeed-ext", "chalice", "moto[server]", "waitress"}
"""What the emulator and the gateway need besides what the functions import."""


def pins(file: str) -> set[str]:
    """The requirements of a file, without what it takes over from others."""
    lines = (ROOT / file).read_text().splitlines()
    return {line for line in lines if re.match(r"[a-z]", line)}


def test_its_requirements_are_those_that_the_suite_runs_with() -> None:
    """All that the functions import, and what the emulator and the gateway take, at the same versions."""
    tools = {pin for pin in pins("requirements-dev.txt") if pin.partition("==")[0] in ONLY_HERE}
    assert {pin.partition("==")[0] for pin in tools} == ONLY_HERE
    assert set(PROJECT["dependencies"]) == pins("requirements.txt") | tools


def test_it_is_not_named_as_what_somebody_else_has_on_the_index() -> None:
    """A requirement of the name `tokenvault` would be met by a stranger's package."""
    assert PROJECT["name"] == "tokenvault-dev"
