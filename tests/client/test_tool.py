"""The command line tool: lines in, lines out, an exit code, and nothing that shows a value."""

import argparse
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tokenvault_client.cli.main import run
from tokenvault_client.cli.session import Session

from tests.client import tool
from tests.client.service import CREATED, Answer, Seen, Service, problem

VALUE = "4111111111111111"
KEY = "k" * 22
FACTS = {"token": "ba", "type": "text", "created": CREATED, "expires_at": None}


def items(service: Service) -> list[Any]:
    return [item for seen in service.seen for item in seen.body["items"]]


def test_values_come_from_stdin_one_a_line(service: Service) -> None:
    """Ends of lines of either kind are no part of a value; other space is; the last one needs none."""
    ended = tool.run(service.environment(), "tokenize", "--type", "text", stdin="ab\r\n c d\n\nef")
    assert (ended.code, ended.err) == (0, "")
    assert [item["value"] for item in items(service)] == ["ab", " c d", "", "ef"]
    assert ended.lines == ["ba", "d c ", "", "fe"]


@pytest.mark.parametrize("limit", ["--ttl", "--ttl-seconds"])
def test_values_come_from_a_file(service: Service, tmp_path: Path, limit: str) -> None:
    """With what the options say of all of them; a limit also by the name that it has in JSON."""
    (tmp_path / "values").write_text("ab\n")
    file = ["--file", str(tmp_path / "values"), "--json"]
    (tmp_path / "values").write_text('{"value": "ab"}\n{"value": 7, "type": "number", "subject": "q"}\n')
    more = ["--type", "text", "--subject", "p", limit, "60", "--metadata", "order=7"]
    ended = tool.run(service.environment(), "tokenize", *file, *more)
    both = {"ttl_seconds": 60, "metadata": {"order": "7"}}
    assert items(service) == [
        {"type": "text", "value": "ab", "subject": "p", **both},
        {"type": "number", "value": 7, "subject": "q", **both},
    ]
    assert ended.objects == [{"line": 1, **FACTS}, {"line": 2, **FACTS, "token": "7"}]


def test_what_tokenize_prints_detokenize_reads(service: Service) -> None:
    """As plain lines, and as JSON."""
    environment = service.environment()
    for json_ in ([], ["--json"]):
        stdin = '{"value": "ab"}' if json_ else "ab"
        made = tool.run(environment, "tokenize", "--type", "text", *json_, stdin=stdin)
        shown = tool.run(environment, "detokenize", "--purpose", "refund", *json_, stdin=made.out)
        assert (shown.objects[0]["value"] if json_ else shown.lines[0]) == "ab"
    assert service.seen[-1].body["purpose"] == "refund"
    tool.run(environment, "detokenize", "--masked", stdin="ba\n")
    assert service.seen[-1].body["reveal"] == "masked"


def test_detokenize_can_say_for_whom_it_is(service: Service) -> None:
    """Every request of the run does."""
    tool.run(
        service.environment(), "detokenize", "--purpose", "refund", "--on-behalf-of", "anna", stdin="ba\n"
    )
    assert service.seen[-1].body["on_behalf_of"] == "anna"


def test_detokenize_can_ask_for_some_fields(service: Service) -> None:
    """Each is named by itself; another word is refused before anything is sent."""
    asked = ("detokenize", "--purpose", "refund", "--field", "expiry", "--field")
    tool.run(service.environment(), *asked, "holder", stdin="ba\n")
    assert service.seen[-1].body["fields"] == ["expiry", "holder"]
    sent = len(service.seen)
    assert tool.run(service.environment(), *asked, "cvv", stdin="ba\n").code == 2
    assert len(service.seen) == sent


def test_an_item_that_failed_leaves_its_line_empty(service: Service) -> None:
    """Lines stay aligned; the error stands on stderr, or in the line's object."""
    plain = tool.run(service.environment(), "detokenize", stdin="ab\ngone\ncd\n")
    assert (plain.code, plain.lines) == (1, ["ba", "", "dc"])
    assert plain.err == "line 2: token_not_found: there is no such token, or no longer\n"
    tokens = "".join(json.dumps({"token": token, "more": 1}) + "\n" for token in ("ab", "gone"))
    listed = tool.run(service.environment(), "detokenize", "--json", stdin=tokens)
    assert (listed.code, listed.err) == (1, "")
    assert listed.objects[1]["error"]["code"] == "token_not_found"


def test_an_error_of_the_service_does_not_steer_the_terminal(service: Service) -> None:
    """Whoever answers in its place may write anything into it."""
    service.script.append(problem(403, "not_permitted\x1b[2J", detail="\x1b]0;title\x07"))
    ended = tool.run(service.environment(), "types")
    assert ended.code == 3
    assert not [sign for sign in ("\x1b", "\x07") if sign in ended.out + ended.err]
    assert "not_permitted" in ended.err


@pytest.mark.parametrize("value", ["two\nlines", "\x1b[2J", {"a": "b"}, 7])
def test_a_value_that_is_no_line_needs_json(service: Service, value: Any) -> None:
    """It would shift the lines after it, or steer the terminal."""
    answer = Answer(200, {"results": [{"token": "t", "type": "text", "value": value}]})
    service.script.append(answer)
    plain = tool.run(service.environment(), "detokenize", stdin="t\n")
    if isinstance(value, str):
        assert (plain.code, plain.lines) == (1, [""])
        assert plain.err.startswith("line 1: not_one_line: ")
        assert 'use --json, with which each line in is an object such as {"token": "..."}' in plain.err
    else:
        assert plain.lines == [json.dumps(value)]
    service.script.append(answer)
    listed = tool.run(service.environment(), "detokenize", "--json", stdin='{"token": "t"}\n')
    assert listed.objects[0]["value"] == value


def test_long_input_goes_slice_by_slice(service: Service) -> None:
    """Under keys that follow from the one that was given, so that the same run again makes no new tokens."""
    stdin = "".join(f"{n}\n" for n in range(2150))
    for _ in range(2):
        ended = tool.run(
            service.environment(), "tokenize", "--type", "text", "--idempotency-key", KEY, stdin=stdin
        )
        assert ended.lines == [str(n)[::-1] for n in range(2150)]
    sent = sorted((seen.headers["Idempotency-Key"], seen.raw) for seen in service.seen)
    assert sent[0::2] == sent[1::2]
    assert len({key for key, _ in sent}) == 22


def test_an_end_half_way_says_how_far_it_came(service: Service) -> None:
    """What was printed is done."""

    usual = service.usual

    def refuse_from_1000_on(seen: Seen) -> Answer:
        return problem(403, "not_permitted") if int(seen.body["items"][0]["value"]) >= 1000 else usual(seen)

    service.usual = refuse_from_1000_on
    ended = tool.run(
        service.environment(), "tokenize", "--type", "text", stdin="".join(f"{n}\n" for n in range(1900))
    )
    assert (ended.code, len(ended.lines)) == (3, 1000)
    done, advice, problem_ = ended.err.splitlines()
    assert done == "1000 lines are done, none after them"
    assert "--idempotency-key=" in advice
    assert problem_ == "tokenvault: not_permitted: about not_permitted; request id r-1"


@pytest.mark.parametrize("given", ["-" * 22, "--" + KEY, KEY + "-"])
def test_the_advice_can_be_followed_word_for_word(service: Service, given: str) -> None:
    """Also under a key that begins or ends with a hyphen: what is sent again is the same request."""
    tokenize = ["tokenize", "--type", "text"]
    service.script += [problem(500, "internal_error")]
    ended = tool.run(service.environment(), *tokenize, f"--idempotency-key={given}", stdin="ab\n")
    option = re.search(r"with (--idempotency-key\S*):", ended.err)
    assert option
    assert tool.run(service.environment(), *tokenize, option[1], stdin="ab\n").code == 0
    first, again = service.seen
    assert (first.headers["Idempotency-Key"], first.raw) == (again.headers["Idempotency-Key"], again.raw)


def test_a_value_without_a_token_is_an_empty_line_of_a_search(service: Service) -> None:
    """And the exit code is 1, as the README says of values that are unknown."""
    service.script.append(
        Answer(200, {"results": [{"error": {"code": "token_not_found", "detail": "none"}}]})
    )
    found = tool.run(service.environment(), "search", "--type", "text", stdin="ab\n")
    assert (found.code, found.lines) == (1, [""])
    assert found.err == "line 1: token_not_found: none\n"


def test_search_facts_and_types(service: Service) -> None:
    """The commands that change nothing."""
    environment = service.environment()
    assert tool.run(environment, "search", "--type", "text", stdin="ab\n").lines == ["ba"]
    assert service.seen[-1].path == "/v1/search"
    told = tool.run(environment, "facts", "ba", "--json").objects
    assert told == [{**FACTS, "created_by": "checkout", "metadata": {"order": "7"}}]
    plain = tool.run(environment, "facts", "ba")
    assert plain.lines == [
        "token:      ba",
        "type:       text",
        f"created:    {CREATED}",
        "created_by: checkout",
        "  order: 7",
    ]
    assert tool.run(environment, "types").lines == ["text                random, format text, at most 60 s"]
    service.script.append(problem(404, "token_not_found"))
    two = tool.run(environment, "facts", "gone", "ba", "--json")
    assert (two.code, two.objects[0]["error"]["code"]) == (1, "token_not_found")
    assert two.objects[1]["token"] == "ba"


def test_facts_say_what_is_known_of_a_card(service: Service) -> None:
    """As an object in JSON, on lines of their own for reading."""
    card = {"brand": "visa", "bin": "411111", "fingerprint": "fp_a"}
    service.script += [Answer(200, {**FACTS, "metadata": {}, "card": card})] * 2
    assert tool.run(service.environment(), "facts", "ba", "--json").objects[0]["card"] == card
    plain = tool.run(service.environment(), "facts", "ba")
    assert plain.lines[-3:] == ["brand:      visa", "bin:        411111", "fingerprint: fp_a"]


def test_metadata_does_not_steer_the_terminal(service: Service) -> None:
    """Another client of the tenant wrote it: escape sequences and line breaks are shown, not carried out."""
    told = {**FACTS, "metadata": {"note": "\x1b[2J\nerased ba", "order": "7"}}
    service.script.append(Answer(200, told))
    plain = tool.run(service.environment(), "facts", "ba")
    assert plain.lines[-2:] == ['  note: "\\u001b[2J\\nerased ba"', "  order: 7"]


def test_exit_codes_tell_refused_from_unavailable(service: Service) -> None:
    """With --json, the problem is an object on stderr."""
    environment = service.environment()
    errors = [{"pointer": "/items/0/type", "code": "unknown_type", "detail": "no such type"}]
    service.script.append(problem(422, "unknown_type", errors=errors))
    refused = tool.run(environment, "types", "--json")
    assert (refused.code, json.loads(refused.err)["error"]["errors"]) == (3, errors)
    service.script.append(problem(500, "internal_error"))
    failed = tool.run(environment, "types")
    assert (failed.code, failed.err) == (
        4,
        "tokenvault: internal_error: about internal_error; request id r-1\n",
    )
    unset = tool.run({}, "types")
    assert (unset.code, "TOKENVAULT_API_KEY is not set (of a stack" in unset.err) == (2, True)


def test_a_reader_that_goes_away_is_no_traceback(service: Service) -> None:
    """`tokenvault … | head`."""
    command = [sys.executable, "-m", "tokenvault_client", "facts", *["ba"] * 2000, "--json"]
    environment = {**os.environ, "PYTHONPATH": str(tool.SOURCE), **service.environment()}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment}
    with subprocess.Popen(command, **pipes) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 1


def test_a_run_does_not_show_its_environment() -> None:
    """A debugger or an error report prints what it finds by its `repr`."""
    held = {"TOKENVAULT_CLIENT_SECRET": VALUE}
    session = Session(held, None, io.StringIO(), io.StringIO(), interactive=False, as_json=False)
    assert VALUE not in repr(session)


def test_what_was_not_foreseen_tells_where_and_not_what() -> None:
    """The text of an error may quote a value; the lines of code that it passed do not."""

    def fail(session: Session, chosen: argparse.Namespace) -> None:
        raise KeyError(VALUE)

    err = io.StringIO()
    session = Session({}, io.BytesIO(), io.StringIO(), err, interactive=False, as_json=False)
    assert run(session, argparse.Namespace(run=fail)) == 4
    assert VALUE not in err.getvalue()
    assert "in fail" in err.getvalue()
    assert err.getvalue().endswith("tokenvault: unexpected: KeyError\n")
