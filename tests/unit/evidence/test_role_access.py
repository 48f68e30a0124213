"""The matrix of roles asks about every role, table and key, and files what the evaluator decided."""

from collections.abc import Sequence

import pytest

from local.dev import snapshot
from tests.infrastructure.iam.simulator import Decision, Policies, Request
from tests.support.evidence.applied import Applied, of_snapshot, of_state
from tests.support.evidence.part import CannotHaveError
from tests.support.evidence.role_access import ADMINISTRATOR, questions, role_access

TOKENIZE = "arn:aws:iam::123456789012:role/tokenvault-tokenize-us-east-1"


class FakeEvaluator:
    """Allows what it is told to, and keeps what it was asked."""

    def __init__(self, allowed: set[tuple[str, str]]) -> None:
        self._allowed = allowed
        self.asked: list[tuple[Request, Policies]] = []

    def decide(self, asked: Sequence[tuple[Request, Policies]]) -> list[Decision]:
        self.asked += asked
        wanted = [(request.principal, request.action) in self._allowed for request, _ in asked]
        return [Decision(allowed, ("identity: X",) if allowed else ()) for allowed in wanted]


@pytest.fixture
def applied() -> Applied:
    return of_snapshot(snapshot.read())


def test_each_role_is_asked_about_each_table_and_key(applied: Applied) -> None:
    """An administrator too, and decrypting with and without each encryption context of the vault."""
    asked = list(questions(applied))
    assert {role.rpartition("/")[2] for role, *_ in asked} == {
        "an-administrator-of-the-account",
        *(f"tokenvault-{name}-us-east-1" for name in ("maintain", "reveal", "tokenize")),
    }
    described = snapshot.read()
    for role in {role for role, *_ in asked}:
        about = {name for asking, name, *_ in asked if asking == role}
        assert about == set(described["keys"]) | set(described["outputs"]["tables"])
        decrypting = [
            circumstances
            for asking, name, circumstances, request in asked
            if (asking, name, request.action) == (role, "vault", "kms:Decrypt")
        ]
        assert {"", "for branch-key", "for audit-chain of reveal", "through DynamoDB"} <= set(decrypting)


def test_the_policies_that_were_applied_decide(applied: Applied) -> None:
    """A role's own and the key's; an administrator's are those of AWS's AdministratorAccess."""
    evaluator = FakeEvaluator(set())
    part = role_access(applied, evaluator)
    assert part.data["allowed"] == []
    assert {"kms:Decrypt", "kms:PutKeyPolicy", "dynamodb:Scan"} <= set(part.data["actions"])
    bearing = {
        request.principal: policies
        for request, policies in evaluator.asked
        if request.action == "kms:Decrypt" and request.resource.endswith("key/${key.vault}")
    }
    assert "TheTokenizingFunctionNeverTouchesThisKey" in str(bearing[TOKENIZE].resource)
    assert "dynamodb:BatchWriteItem" in str(bearing[TOKENIZE].identity)
    assert "administrator" in bearing[ADMINISTRATOR].identity


def test_what_is_allowed_is_filed_with_its_circumstances(applied: Applied) -> None:
    """By role and table or key; an action that no circumstances limit stands there without any."""
    part = role_access(applied, FakeEvaluator({(TOKENIZE, "kms:Encrypt"), (TOKENIZE, "dynamodb:Scan")}))
    name = TOKENIZE.rpartition("/")[2]
    rows = {(row[0], row[1]): row[2] for row in part.tables[0].rows}
    assert rows[name, "key vault"] == "Encrypt"
    assert rows[name, "table audit"] == "Scan"
    assert {role for role, _ in rows} == {name}
    assert part.data["allowed"][0]["by"] == ["identity: X"]
    assert part.state == "incomplete"
    assert ["Give STATE=" in line for line in part.missing] == [True], "the snapshot is not all roles"


def test_without_an_evaluator_nothing_is_guessed(applied: Applied) -> None:
    """The part is not there, with the reason."""
    with pytest.raises(CannotHaveError, match=r"Node\.js"):
        role_access(applied, None)


class BrokenEvaluator(FakeEvaluator):
    """Understands none of it."""

    def decide(self, asked: Sequence[tuple[Request, Policies]]) -> list[Decision]:
        raise ValueError("the evaluator sets aside kms:ViaService")


def test_what_the_evaluator_does_not_decide_is_not_filed(applied: Applied) -> None:
    """Its reason is, and the other parts are."""
    with pytest.raises(CannotHaveError, match="does not decide: the evaluator sets aside"):
        role_access(applied, BrokenEvaluator(set()))


@pytest.mark.parametrize("text", ["", "{}", '{"values": {"root_module": {"resources": []}}}'])
def test_another_state_is_not_ours(text: str) -> None:
    """A file that is no state of the stack names itself, and nothing that it holds."""
    with pytest.raises(CannotHaveError, match=r"^mine\.json is no applied state"):
        of_state(text, "mine.json")
