"""The path that takes values in cannot read them back with approvals in place, nor help anybody to one."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.actors import Actor
from chalicelib.auth.scopes import REVEALING_SCOPES
from chalicelib.crypto.kms import SigningKey
from chalicelib.crypto.prf import keyed_hash
from chalicelib.crypto.record_cipher import parse_sealed
from chalicelib.errors import KeyRefused
from chalicelib.vault.approval_items import decision_item, message
from chalicelib.vault.approval_table import ApprovalTable
from chalicelib.vault.approvals import Decision
from tests.support import policies
from tests.support.answers import problem, tokens
from tests.support.faults import client_error
from tests.support.held_keys import held
from tests.support.world import World, world

ROLES = Path(__file__).resolve().parents[2] / "terraform/modules/functions/main.tf"
TEXT = {"type": "text", "value": "some text"}


@pytest.fixture(scope="module")
def account() -> Iterator[World]:
    with world(policies.approving(over_per_hour=0)) as made:
        yield made


@pytest.fixture
def as_tokenizing(account: World) -> Iterator[None]:
    """KMS answers as it does to the tokenizing role: the receipt key is denied, to sign and to verify."""
    allowed = (account.index_kek, account.hmac_key)

    def deny(name: str, given: dict[str, Any]) -> Exception | None:
        denied = name.startswith("kms.") and given.get("KeyId") not in allowed
        return client_error("AccessDeniedException", 400) if denied else None

    account.fault = deny
    yield
    account.fault = None


def statements(function: str) -> str:
    """What Terraform lets a role do."""
    return re.split(r"\n    (?=\w+ = \[)", ROLES.read_text().partition("statements = {")[2])[
        {"tokenize": 1, "reveal": 2, "maintain": 3}[function]
    ]


def test_its_role_has_no_way_to_an_approval() -> None:
    """It touches the table of budgets by updates alone, outside of approvals, and signs nothing."""
    about_budgets = [line for line in statements("tokenize").splitlines() if "budgets" in line]
    [update] = about_budgets
    assert 'Action = ["dynamodb:UpdateItem"]' in update
    assert "Condition = local.budgets_only" in update
    assert 'budgets_only   = { "ForAllValues:StringNotLike" = { "dynamodb:LeadingKeys" = ["~*"] } }' in (
        ROLES.read_text()
    )
    for function in ("tokenize", "maintain"):
        assert not re.search("kms:(Sign|Verify)", statements(function))
    assert "budgets" not in statements("maintain")


def test_it_takes_no_access_token_that_approves(account: World) -> None:
    """Who took the function over could replay it where decisions are made."""
    assert "vault/approve" in REVEALING_SCOPES
    refused = account.tokenize(TEXT, scopes=("tokenize", "approve"))
    problem(refused, 403, "not_permitted")


def test_kms_signs_nothing_for_its_role(account: World, as_tokenizing: None) -> None:
    """Neither an approval nor a receipt."""
    key = SigningKey(account.client("kms"), account.receipt_key)
    with pytest.raises(KeyRefused):
        key.sign(b"approval")


def test_what_it_holds_makes_no_decision(account: World) -> None:
    """Its keys, and any key pair of its own, sign a yes that the vault never gave: it opens nothing, even if
    somebody put it into the table."""
    [token] = tokens(account.tokenize(TEXT))
    own = ec.generate_private_key(ec.SECP256R1())
    key = held(account, parse_sealed(account.stored(token)).key_id)
    for sign in (
        lambda text: own.sign(text, ec.ECDSA(hashes.SHA256())),
        lambda text: keyed_hash(key.sign_subkey, text),
        lambda text: b"",
    ):
        approval = account.ask_approval(token).body["approval"]
        stored = ApprovalTable(account.dynamodb, "budgets").find("shop", approval)
        assert stored is not None
        decision = Decision(Actor("officer"), approves=True, at=stored.request.asked)
        text = message(policies.VAULT_ID, stored.request, decision)
        account.store(decision_item(stored.request, decision, sign(text)), "budgets")
        body = {"items": [{"token": token}], "purpose": "settlement", "approval": approval}
        answer = account.detokenize(json_body=body)
        assert answer.status in {500, 503}
        assert "some text" not in str(answer.body)
