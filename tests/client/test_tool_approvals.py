"""`tokenvault approvals`, and the reveal under an approval: one request each, and what a person reads."""

import io
import json

import pytest
from tokenvault_client.cli import main as tool
from tokenvault_client.cli.arguments import parser
from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.session import Session

from tests.client.service import APPROVAL, EXPORT_APPROVAL, Answer, Service, problem

ID = APPROVAL["approval"]
HUNDRED = "".join(f"t{number}\n" for number in range(100))


def run(
    service: Service, *arguments: str, stdin: str = "", interactive: bool = False
) -> tuple[Exit, str, str]:
    """A run in this process: how it ended, and both outputs."""
    out, err = io.StringIO(), io.StringIO()
    chosen = parser().parse_args(arguments)
    streams = (io.BytesIO(stdin.encode()), out, err)
    environment = service.environment()
    session = Session(environment, *streams, interactive=interactive, as_json=chosen.json)
    return tool.run(session, chosen), out.getvalue(), err.getvalue()


def test_what_is_asked_for_is_what_is_revealed(service: Service) -> None:
    """The same file, with a line that failed, is one request both times, also where somebody types."""
    made = HUNDRED.replace("t50\n", "t50\n\n")
    end, out, _ = run(service, "approvals", "ask", "--purpose", "refund", stdin=made)
    assert (end, out.split()[:2]) == (Exit.OK, ["approval:", ID])
    under = ("detokenize", "--purpose", "refund", "--approval", ID)
    end, out, err = run(service, *under, stdin=made, interactive=True)
    assert (end, out.count("\n"), out.split("\n")[51]) == (Exit.OK, 101, ""), err
    asked, revealed = service.seen
    assert asked.body["items"] == revealed.body["items"]
    assert (len(revealed.body["items"]), revealed.body["approval"]) == (100, ID)


@pytest.mark.parametrize(
    "command",
    [("approvals", "ask", "--purpose", "refund"), ("detokenize", "--purpose", "x", "--approval", ID)],
)
def test_more_than_an_approval_is_for_is_refused_before_anything_is_sent(
    service: Service, command: tuple[str, ...]
) -> None:
    """Half of it would use the approval up, or ask for one that fits no reveal."""
    end, out, err = run(service, *command, stdin=f"{HUNDRED}t100\n")
    assert (end, out, service.seen) == (Exit.USAGE, "", [])
    assert "at most 100 tokens" in err


def test_a_refusal_names_the_command_that_asks(service: Service) -> None:
    """The service names a route; who uses the tool has commands."""
    service.script.append(problem(403, "approval_required"))
    end, _, err = run(service, "detokenize", "--purpose", "refund", stdin="t1\n")
    assert end is Exit.REFUSED
    assert "`tokenvault approvals ask`" in err


def test_the_id_can_be_had_for_a_file_of_tokens(service: Service) -> None:
    """With --json the answer is JSON, and the input either: what `tokenize` wrote without it or with it."""
    for stdin in ("t1\nt2\n", '{"token": "t1", "type": "text"}\n{"token": "t2"}\n'):
        end, out, _ = run(service, "approvals", "ask", "--purpose", "refund", "--json", stdin=stdin)
        assert (end, json.loads(out)["approval"]) == (Exit.OK, ID)
        assert [item["token"] for item in service.seen[-1].body["items"]] == ["t1", "t2"]


def test_nothing_to_ask_for_is_said(service: Service) -> None:
    """An empty input, and one of values that failed."""
    for stdin in ("", "\n\n"):
        end, _, err = run(service, "approvals", "ask", "--purpose", "refund", stdin=stdin)
        assert (end, service.seen) == (Exit.USAGE, [])
        assert "no token" in err


def test_who_decides_reads_who_asks_and_what_for(service: Service) -> None:
    """As text, in which nothing that somebody else wrote steers the terminal, and as JSON."""
    asked_by = APPROVAL["asked_by"] | {"username": "an\x1bna"}
    service.script.append(Answer(200, APPROVAL | {"asked_by": asked_by, "state": "pending"}))
    end, out, _ = run(service, "approvals", "show", ID)
    assert end is Exit.OK
    assert "state:      pending\n" in out
    assert "through client settlement" in out
    assert "purpose:    refund\n" in out
    assert "tokens:     2 of type text\n" in out
    assert "\x1b" not in out
    assert json.loads(run(service, "approvals", "show", "--json", ID)[1]) == APPROVAL


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_a_decision_is_one_word(service: Service, decision: str) -> None:
    """It goes to the approval that is named; a refusal by the service ends the run with 3."""
    assert run(service, "approvals", decision, ID)[0] is Exit.OK
    seen = service.seen[-1]
    assert (seen.path, seen.body) == (f"/v1/approvals/{ID}/decision", {"decision": decision})
    service.script += [Answer(200, APPROVAL)] if decision == "approve" else []
    service.script.append(problem(409, "approval_not_usable"))
    end, _, err = run(service, "approvals", decision, ID)
    assert (end, "approval_not_usable" in err) == (Exit.REFUSED, True)


def test_who_approves_an_export_names_its_recipient(service: Service) -> None:
    """Nobody approves a key unseen: without the fingerprint, or with another, nothing is sent but a look."""
    shown = run(service, "approvals", "show", ID)[1]
    assert "recipient:" not in shown
    for more in ((), ("--recipient", "cd" * 32)):
        service.script.append(Answer(200, EXPORT_APPROVAL))
        service.seen.clear()
        end, out, err = run(service, "approvals", "approve", ID, *more)
        assert (end, out, [seen.method for seen in service.seen]) == (Exit.USAGE, "", ["GET"])
        assert "nothing was approved" in err
    service.script += [Answer(200, EXPORT_APPROVAL)] * 2
    end, out, _ = run(service, "approvals", "approve", ID, "--recipient", "ab" * 32)
    assert (end, service.seen[-1].body) == (Exit.OK, {"decision": "approve"})
    assert "export of:  all tokens of type card, text\n" in out
    assert f"recipient:  {'ab' * 32}\n" in out


@pytest.mark.parametrize(
    "command",
    [("approvals", "approve"), ("detokenize", "--purpose", "x", "--approval"), ("approvals", "show")],
)
def test_what_is_no_id_goes_nowhere_and_is_not_repeated(
    service: Service, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """A value in the wrong place would stand in a URL."""
    with pytest.raises(SystemExit):
        run(service, *command, "4111111111111111")
    assert service.seen == []
    assert "4111" not in capsys.readouterr().err


def test_an_approval_is_for_no_mask(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    """Masks need none, and one would not be found usable."""
    with pytest.raises(SystemExit):
        run(service, "detokenize", "--masked", "--approval", ID, stdin="ab\n")
    assert "not allowed with" in capsys.readouterr().err
