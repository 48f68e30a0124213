"""What the tool says of a file that it cannot open: its name, unless that may be a value."""

import io

import pytest
from tokenvault_client.cli.exits import UsageError
from tokenvault_client.cli.session import Session

from tests.client import tool

VALUE = "4111111111111111"
SESSION = Session({}, None, io.StringIO(), io.StringIO(), interactive=False, as_json=False)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["import", "in.csv", "--map", "no.toml"], "--map: no.toml"),
        (["verify-receipt", "no.json", "--public-key", __file__], "RECEIPT: no.json"),
        (["verify-receipt", "in.csv", "--public-key", "no.der"], "--public-key: no.der"),
        (["export", "fingerprint", "no.pub"], "FILE: no.pub"),
        (["doctor", "--stack", "no.json"], "--stack: no.json"),
        (["tokenize", "--type", "text", "--file", "no.txt"], "--file: no.txt"),
        (["detokenize", "--purpose", "refund", "--assertion-file", "no.jwt"], "--assertion-file: no.jwt"),
    ],
    ids=str,
)
def test_a_file_that_is_not_there_is_named(arguments: list[str], named: str) -> None:
    """Beside the option that it was given with."""
    ended = tool.run({}, *arguments)
    assert ended.code == 2
    assert ended.err.endswith(f": {named}: No such file or directory\n")


@pytest.mark.parametrize("given", [VALUE, f"/{VALUE}", "ada@example.com", f"{VALUE}\0"])
def test_what_does_not_end_as_a_files_name_does_may_be_a_value(given: str) -> None:
    """It is not repeated, and the error says so."""
    with pytest.raises(UsageError) as raised, SESSION.reading(given, "--map"):
        pass
    assert given not in str(raised.value)
    assert "what was given is not repeated" in str(raised.value)
