"""The checks of the stack: what was not checked is never passed, and no secret is filed."""

import json
import os

import pytest

from local.facts import Facts
from tests.support.evidence.part import CannotHaveError
from tests.support.evidence.stack_checks import examined, reaching, require_same, stack_checks

OK = {"check": "key vault: in use", "state": "ok", "detail": "enabled"}
FAILED = {"check": "alarms", "state": "failed", "detail": "tell nobody"}
UNSEEN = {"check": "TLS floor", "state": "not_checked", "detail": "AccessDenied"}


@pytest.mark.parametrize(
    ("findings", "state", "missing"),
    [
        ([OK], "passed", []),
        ([OK, UNSEEN], "incomplete", ["TLS floor: AccessDenied"]),
        ([UNSEEN], "incomplete", ["TLS floor: AccessDenied"]),
        ([OK, FAILED, UNSEEN], "failed", ["TLS floor: AccessDenied"]),
    ],
)
def test_the_part_is_as_its_worst_check(
    findings: list[dict[str, str]], state: str, missing: list[str]
) -> None:
    """And each check that could not be made is missing, with its reason."""
    part = stack_checks(findings, "the stack x")
    assert (part.state, list(part.missing)) == (state, missing)
    assert part.data == {"source": "the stack x", "findings": findings}
    assert len(part.tables[0].rows) == len(findings)


def test_no_check_at_all_is_no_pass() -> None:
    """A program that printed nothing has not found everything in order."""
    with pytest.raises(CannotHaveError, match="made no check"):
        stack_checks([], "the stack x")


def test_outputs_that_are_none_are_refused_without_their_contents() -> None:
    """The real program says what it misses; what stands in the file is repeated nowhere."""
    outputs = json.dumps({"clients": {"value": [{"client_secret": "s3cret-of-a-client"}], "sensitive": True}})
    with pytest.raises(CannotHaveError, match="ended with 2") as raised:
        examined(outputs, os.environ)
    assert "s3cret" not in str(raised.value)


def test_the_local_stack_is_looked_at_as_a_client_that_tokenizes() -> None:
    """Its checks make one test token; without such a client they say that they were not made."""
    credentials = {"client_id": "i", "client_secret": "s", "api_key": "k"}
    masks = {**dict.fromkeys(credentials, "another"), "scopes": ["vault/detokenize.masked"]}
    makes = {**credentials, "scopes": ["vault/read", "vault/tokenize"]}
    assert reaching(Facts({"TOKENVAULT_URL": "u"}, [masks, makes], b"")) == {
        "TOKENVAULT_URL": "u",
        "TOKENVAULT_CLIENT_ID": "i",
        "TOKENVAULT_CLIENT_SECRET": "s",
        "TOKENVAULT_API_KEY": "k",
    }
    assert reaching(Facts({"TOKENVAULT_URL": "u"}, [masks], b"")) == {"TOKENVAULT_URL": "u"}


@pytest.mark.parametrize("applied", [{}, {"clients": {"value": [{"client_id": "of-yesterday"}]}}])
def test_a_state_of_an_earlier_stack_is_not_the_one_that_is_up(applied: dict[str, object]) -> None:
    """`make dev` may run beside what `make up` left behind: its clients are others."""
    running = Facts({}, [{"client_id": "of-today", "client_secret": "s"}], b"")
    with pytest.raises(CannotHaveError, match="make dev"):
        require_same(json.dumps(applied), running)
    require_same(json.dumps({"clients": {"value": [{"client_id": "of-today"}]}}), running)


def test_a_client_that_people_sign_in_to_is_in_no_output() -> None:
    """It has no secret to hand out, so outputs name the others; the local stack knows all."""
    service = {"client_id": "i", "client_secret": "s", "api_key": "k", "scopes": []}
    outputs = json.dumps({"clients": {"value": [service], "sensitive": True}})
    require_same(outputs, Facts({}, [service, {"client_id": "pages", "scopes": []}], b""))
    with pytest.raises(CannotHaveError):
        require_same(outputs, Facts({}, [service, {**service, "client_id": "of another stack"}], b""))
