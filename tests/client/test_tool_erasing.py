"""Erasing by the command line tool: meant, asked about, and tried dry first."""

import argparse
import io

import pytest
from tokenvault_client.cli import commands
from tokenvault_client.cli.main import run
from tokenvault_client.cli.session import Session

from tests.client import tool
from tests.client.service import CREATED, RECEIPT, Answer, Service

VALUE = "4111111111111111"
NOT_PERMITTED = {"code": "not_permitted", "detail": "this client may not use this information type"}


def test_erasing_has_to_be_meant(service: Service) -> None:
    """Nobody is there to ask, so the option has to say it."""
    environment = service.environment()
    for what in (["token", "t1", "t2"], ["subject", "p"]):
        refused = tool.run(environment, "erase", *what)
        assert (refused.code, "--yes" in refused.err) == (2, True)
    assert service.seen == []
    assert tool.run(environment, "erase", "token", "t1", "t2", "--yes").lines == ["erased t1", "erased t2"]
    done = tool.run(environment, "erase", "subject", "customer-1", "--yes", "--json")
    assert done.objects == [{"receipt": RECEIPT, "jws": "a.b.c"}]
    plain = tool.run(environment, "erase", "subject", "customer-1", "--yes")
    assert plain.lines[-1] == "a.b.c"
    assert "in backups until 2026-02-06" in plain.out


DIGEST = "5509bf546dddfcf645951ce138e0f78962d7d1f8cc9bbb07159645eb12d0af1a"
"""Of the lines t1, t2, t3, as `sha256sum` says it."""


def test_a_dry_run_of_erasing_a_subject_erases_nothing(service: Service) -> None:
    """It prints what would be closed, each token on a line, and needs nobody's consent."""
    environment = service.environment()
    plain = tool.run(environment, "erase", "subject", "customer-1", "--dry-run")
    assert plain.lines == [f"t1\ttext\t{CREATED}\t-", f"t2\ttext\t{CREATED}\t-", ""]
    assert plain.code == 1
    assert f"erasing this subject would close 3 tokens, SHA-256 {DIGEST}; nothing was erased" in plain.err
    assert {seen.method for seen in service.seen} == {"GET"}
    rows = tool.run(environment, "erase", "subject", "customer-1", "--dry-run", "--json").objects
    assert [row["token"] for row in rows] == ["t1", "t2", "t3"]
    assert rows[2]["error"]["code"] == "token_not_found"


def test_a_dry_run_says_that_this_client_may_not_erase_the_subject(service: Service) -> None:
    """One secret closes all its tokens, so whoever may not use the type of one erases none."""
    denied = [{"token": token, "error": NOT_PERMITTED} for token in ("t1", "t2")]
    page = {"tokens": [], "failed": denied, "erased_at": None, "next_cursor": None}
    service.script.append(Answer(200, page))
    told = tool.run(service.environment(), "erase", "subject", "customer-1", "--dry-run")
    assert told.code == 1
    assert "2 of them are of types that this client may not use, so it may not erase the subject" in told.err


def test_what_is_kept_of_a_subject_can_be_asked_without_the_word_erase(service: Service) -> None:
    """The same list as a dry run's, by a command that cannot erase."""
    environment = service.environment()
    asked = tool.run(environment, "subject", "customer-1")
    assert asked.lines == tool.run(environment, "erase", "subject", "customer-1", "--dry-run").lines
    assert {seen.method for seen in service.seen} == {"GET"}


@pytest.mark.parametrize(
    ("erased_at", "said"), [(None, "is the id right?"), ("2026-01-01T00:00:00Z", "was erased 2026-01-01")]
)
def test_a_dry_run_tells_a_mistyped_subject(service: Service, erased_at: str | None, said: str) -> None:
    """One without tokens is asked about, since erasing would use its id up; an erased one is told."""
    page = {"tokens": [], "failed": [], "erased_at": erased_at, "next_cursor": None}
    service.script.append(Answer(200, page))
    done = tool.run(service.environment(), "erase", "subject", VALUE, "--dry-run", "--yes")
    assert (done.code, done.lines) == (0, [])
    assert said in done.err
    assert VALUE not in done.err


def test_somebody_at_the_terminal_is_asked() -> None:
    """Anything but yes erases nothing."""
    err = io.StringIO()
    session = Session({}, io.BytesIO(b"y\n"), io.StringIO(), err, interactive=True, as_json=False)
    chosen = argparse.Namespace(run=commands.erase_subject, subject="customer-1", yes=False, dry_run=False)
    assert run(session, chosen) == 2
    assert "for good? Type yes: " in err.getvalue()
    assert "nothing was erased" in err.getvalue()
    session.stdin.seek(0)
    session.stdin.write(b"yes\n")
    session.stdin.seek(0)
    assert run(session, chosen) == 2
    assert "TOKENVAULT_URL is not set" in err.getvalue()
