"""The policy of docs/exports.md to try exports with on one's machine: an export goes its whole way by it."""

from pathlib import Path

from tests.support import policies
from tests.support.answers import problem, tokens
from tests.support.exports import CARD, ask, begin, begun, opened
from tests.support.shown_policies import shown_policy
from tests.support.world import world


def test_an_export_goes_its_whole_way(tmp_path: Path) -> None:
    """As the page says: the mover asks, the officer approves, and nothing begins without."""
    written = shown_policy("exports.md", tmp_path)
    for name, client in written["tenants"]["shop"]["clients"].items():
        client["identities"] = [policies.identity(name)]
    with world(written | {"vault_id": policies.VAULT_ID}) as account:
        made = tokens(account.tokenize(CARD, {"type": "email", "value": "ada@example.com"}))
        problem(begin(account), 403, "approval_required")
        approval = ask(account).body["approval"]
        assert account.decide(approval).body["state"] == "approved"
        lines = begun(account, {"approval": approval}).finish()
        assert {entry["token"] for entry in opened(account, lines)} == set(made)
