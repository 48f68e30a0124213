"""The command line tool called wrongly: it says how it is called, and repeats nothing that may be a value."""

import json

import pytest
from tokenvault_client.cli.arguments import parser

from tests.client import tool
from tests.client.service import Service

VALUE = "4111111111111111"

WRONG = {
    "no command": [],
    "no such command": [VALUE],
    "a value in the place of an argument": ["tokenize", VALUE],
    "a value behind the separator": ["tokenize", "--type", "text", "--", VALUE],
    "a value for a flag": ["tokenize", f"--json={VALUE}"],
    "an option that is not there": ["tokenize", f"--value={VALUE}"],
    "a value as a number": ["tokenize", "--ttl", f"x{VALUE}"],
    "a value as metadata": ["tokenize", "--metadata", VALUE],
    "a value as a key": ["tokenize", "--idempotency-key", VALUE],
    "a value as a file": ["tokenize", "--type", "text", "--file", f"/{VALUE}"],
    "a value as what to erase": ["erase", VALUE],
    "no type": ["tokenize"],
    "no token": ["facts", "t", ""],
    "dots for a token to erase": ["erase", "token", "--yes", "t", ".."],
    "no subject to erase": ["erase", "subject", "--yes", ""],
    "lines that are no JSON": ["tokenize", "--type", "text", "--json"],
    "no public key": ["verify-receipt", "--public-key", f"/{VALUE}"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG.keys())
def test_called_wrongly_it_says_how_and_repeats_nothing(service: Service, arguments: list[str]) -> None:
    """What was given in the wrong place may be a value; nothing is sent."""
    ended = tool.run(service.environment(), *arguments, stdin=f"{VALUE}\n")
    assert (ended.code, ended.out) == (2, "")
    assert VALUE not in ended.err
    assert "Traceback" not in ended.err
    assert service.seen == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"\xff4111111111111111", "line 1: not "),
        (b"4111 1111 1111 1111", "line 1: not JSON; with --json, each line in is an object"),
        (b'["4111111111111111"]', "line 1: not a JSON object; with --json, each line in is one"),
        (b'{"value": "a", "value": "4111111111111111"}', "line 1: a name stands twice in an object"),
        (b'{"value": {"a": 1, "a": 4111111111111111}}', "line 1: a name stands twice in an object"),
        (
            b'{"type": "4111111111111111"}',
            "line 1: a value is needed, and no other fields than type, value, ",
        ),
        (b'{"value": "a", "4111111111111111": 1}', "line 1: a value is needed, and no other fields than "),
        (b'{"value": "a", "ttl_seconds": "4111111111111111"}', "line 1: ttl_seconds is of the wrong kind"),
    ],
)
def test_a_line_that_is_none_is_named_and_not_repeated(service: Service, line: bytes, said: str) -> None:
    """By its number."""
    ended = tool.run(service.environment(), "tokenize", "--type", "text", "--json", stdin=line)
    assert ended.code == 2
    assert json.loads(ended.err)["error"]["detail"].startswith(said)
    assert VALUE not in ended.err


@pytest.mark.parametrize("given", ["tokenise", "4111111111111111", "x' (choose from 4111111111111111)"])
def test_a_command_that_is_none_is_answered_with_the_commands(given: str) -> None:
    """What was given may be a value in the wrong place, and is not repeated."""
    ended = tool.run({}, given)
    said = ended.err.splitlines()[-1]
    assert ended.code == 2
    assert [command for command in ("tokenize", "detokenize", "import") if command not in said] == []
    assert [shown for shown in (given, "4111") if shown in ended.err] == []


def test_an_option_that_a_command_does_not_know_shows_its_own_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not the whole tool's, and nothing of what was typed."""
    with pytest.raises(SystemExit):
        parser().parse_args(["types", f"--since={VALUE}"])
    said = capsys.readouterr().err
    assert said.startswith("usage: tokenvault types ")
    assert said.endswith("error: not an option of this command, but of others: --since\n")
    assert VALUE not in said


@pytest.mark.parametrize("given", [f"--sinse={VALUE}", f"--since x --{VALUE}", f"--since={VALUE} -- {VALUE}"])
def test_what_is_no_option_of_any_command_is_not_repeated(
    capsys: pytest.CaptureFixture[str], given: str
) -> None:
    """It may be a value, whatever it begins with; then no other option is named either."""
    with pytest.raises(SystemExit):
        parser().parse_args(["types", *given.split()])
    said = capsys.readouterr().err
    assert "unrecognized arguments" in said
    assert [shown for shown in (VALUE, "since", "sinse") if shown in said] == []


@pytest.mark.parametrize(
    ("given", "takes_values"),
    [
        ("erase token --yes --file gone", False),
        ("erase subject --yes s --file gone", False),
        ("erase values", False),
        ("facts t --file gone", False),
        ("import a.csv b.csv --map map.toml", False),
        ("search --type text value", True),
        ("detokenize t", True),
        ("value", True),
    ],
)
def test_only_what_takes_a_file_names_it(
    capsys: pytest.CaptureFixture[str], given: str, takes_values: bool
) -> None:
    """Others would be told of an option that they do not have."""
    with pytest.raises(SystemExit):
        parser().parse_args(given.split())
    hint = "(values come from stdin or --file, never from the command line)"
    assert (hint in capsys.readouterr().err) == takes_values
