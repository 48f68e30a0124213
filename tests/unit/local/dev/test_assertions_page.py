"""What docs/local.md says of a service that proves for whom it asks, as a newcomer pastes it."""

import re
import subprocess
import sys
import time
from pathlib import Path

from chalicelib.auth.assertions import AssertionsDocument, asserted_subject
from local.dev import policy

PAGE = Path(__file__).resolve().parents[4] / "docs" / "local.md"
REST = """
[info_types.card_number]

[tenants.shop.clients.settlement]
actions = ["detokenize"]
purposes = ["settlement"]
"""


def pasted(folder: Path, script: str) -> None:
    """A block of the page, in a shell in this folder, with the Python that runs the tests."""
    there = script.replace(".venv/bin/python", sys.executable)
    subprocess.run(["sh", "-euc", there], cwd=folder, check=True, capture_output=True, timeout=60)


def test_the_pages_key_policy_and_assertion_are_of_one_piece(tmp_path: Path) -> None:
    """The policy loads with the key in its place, and the assertion proves who it is for."""
    part = PAGE.read_text().partition("proves for whom it asks")[2].partition("What it leaves out")[0]
    keys, written, signing = re.findall(r"```(?:sh|toml)\n(.*?)```", part, re.DOTALL)
    pasted(tmp_path, keys)
    pem = (tmp_path / "login.pem").read_text()
    placed = re.sub(r"-----BEGIN.*KEY-----\n", pem, written, flags=re.DOTALL)
    file = tmp_path / "policy.toml"
    file.write_text(REST + placed)
    stored = policy.load(file, "local-vault").document["tenants"]["shop"]["clients"]["settlement"]
    pasted(tmp_path, signing)
    said = (tmp_path / "anna.jwt").read_text().strip()
    rule = AssertionsDocument(**stored["assertions"]).rule
    assert asserted_subject(rule, said, time.time()) == "anna"
