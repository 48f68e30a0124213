"""Client and command line tool against the running stack, as their README shows them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tokenvault_client import (
    Client,
    Conflict,
    InvalidRequest,
    ItemError,
    NotFound,
    NotPermitted,
    Revealed,
    SearchItem,
    TokenFacts,
    TokenizeItem,
    VerificationError,
)
from tokenvault_client.receipts import verify

from tests.client import tool
from tests.support.running import Running

README = (tool.SOURCE.parent / "README.md").read_text()
CARD = "4111111111111111"
KEY = "a-key-of-the-running-tests"


@pytest.fixture(scope="module")
def receipt_key(running: Running) -> bytes:
    """The public half of the receipt key, as an administrator of the account gets it."""
    kms = running.stack.account.client("kms")
    [alias] = [found for found in kms.list_aliases()["Aliases"] if found["AliasName"].endswith("-receipts")]
    return bytes(kms.get_public_key(KeyId=alias["TargetKeyId"])["PublicKey"])


def test_a_client_of_both_sides_does_everything(running: Running, receipt_key: bytes) -> None:
    """Tokenize, search, facts, reveal, erase, and a receipt that verifies: with one access token a side."""
    with Client.from_env(running.environment("intake")) as vault:
        items = [
            TokenizeItem("member_card", CARD, subject="both-1", metadata={"ward": "7"}),
            TokenizeItem("text", "ümläut \U0001f512", ttl_seconds=600),
            TokenizeItem("card_number", "4111111111111112"),
        ]
        card, text, wrong = vault.tokenize(items)
        assert isinstance(card, TokenFacts)
        assert isinstance(text, TokenFacts)
        assert isinstance(wrong, ItemError)
        assert wrong.code == "invalid_value"
        assert text.expires_at is not None
        assert (text.expires_at - text.created).total_seconds() == 600
        assert vault.search([SearchItem("member_card", "4111 1111 1111 1111", "both-1")]) == [card]
        assert vault.facts(card.token).metadata == {"ward": "7"}
        shown = vault.detokenize([card.token, text.token], purpose="treatment")
        assert [revealed.value.reveal() for revealed in shown if isinstance(revealed, Revealed)] == [
            CARD,
            "ümläut \U0001f512",
        ]
        [masked] = vault.detokenize([card.token], reveal="masked")
        assert isinstance(masked, Revealed)
        assert masked.value.reveal() == "************1111"
        assert "member_card" in [info_type.type for info_type in vault.types()]

        erased = vault.erase_subject("both-1")
        assert verify(erased.jws, receipt_key).claims == erased.claims
        with pytest.raises(VerificationError):
            verify(erased.jws[:-8] + "AAAAAAAA", receipt_key)
        [gone] = vault.detokenize([card.token], purpose="treatment")
        assert isinstance(gone, ItemError)
        assert gone.code == "token_not_found"
        vault.erase_token(text.token)
        with pytest.raises(NotFound):
            vault.facts(text.token)


def test_the_same_key_gives_the_same_random_tokens(running: Running) -> None:
    """For more than one request; another body under the key is a conflict."""
    items = [TokenizeItem("text", f"number {n}") for n in range(101)]
    with Client.from_env(running.environment("checkout")) as vault:
        first, second = (vault.tokenize(items, idempotency_key=KEY) for _ in range(2))
        assert first == second
        assert len({made.token for made in first if isinstance(made, TokenFacts)}) == 101
        assert vault.tokenize(items[:2]) != first[:2]
        with pytest.raises(Conflict, match="idempotency_conflict"):
            vault.tokenize(items[:2], idempotency_key=KEY)


def test_what_the_service_refuses_is_told_as_such(running: Running) -> None:
    """By the policy, and by the shape of a request."""
    with Client.from_env(running.environment("settlement")) as vault:
        with pytest.raises(NotPermitted):
            vault.detokenize(["some-token"], purpose="curiosity")
        with pytest.raises(NotPermitted, match="nothing was sent"):
            vault.tokenize([TokenizeItem("text", "x")])
        with pytest.raises(InvalidRequest) as raised:
            vault.detokenize(["some-token"], purpose="x" * 1000)
        assert raised.value.problem.errors[0].pointer == "/purpose"
        assert raised.value.problem.request_id


def printed(code: str, running: Running) -> list[str]:
    """The lines that an example prints, as the client `intake`."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(tool.SOURCE), **running.environment("intake")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_the_readmes_python_runs(running: Running) -> None:
    """Its example as it stands there."""
    code, _, _with_asyncio = re.findall(r"```python\n(.*?)```", README, re.S)
    token, wrong, shown, listed, jws = printed(code, running)
    assert token.endswith("1111")
    assert wrong.startswith("ItemError(code='invalid_value'")
    assert re.fullmatch(r"Revealed\(token='\S+', type='card_number', value=Sensitive\(\*\*\*\)\)", shown)
    assert listed.startswith("(TokenFacts(token=")
    assert jws.count(".") == 2


def test_the_readmes_other_calls_run(running: Running) -> None:
    """Its second example as it stands there: each line prints what the comment beside it says."""
    _, code, _with_asyncio = re.findall(r"```python\n(.*?)```", README, re.S)
    same, known, unknown, metadata = printed(code, running)
    assert (same, known, metadata) == ("True", "True", "{'order': 'A-1001'}")
    assert unknown.startswith("ItemError(code='token_not_found', detail=")


def test_the_readmes_commands_run(running: Running, receipt_key: bytes, tmp_path: Path) -> None:
    """One after the other, in a shell that stops at the first that fails."""
    commands = next(block for block in re.findall(r"```sh\n(.*?)```", README, re.S) if "tokenize" in block)
    (tmp_path / "receipts.der").write_bytes(receipt_key)
    tokenvault = tmp_path / "tokenvault"
    tokenvault.write_text(f'#!/bin/sh\nexec {sys.executable} -m tokenvault_client "$@"\n')
    tokenvault.chmod(0o700)
    where = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(tool.SOURCE)}
    done = subprocess.run(
        ["sh", "-eux", "-c", commands],
        env={**where, **running.environment("intake")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"\n{CARD}\n" in done.stdout
    assert "\ntype:       card_number\n" in done.stdout
    assert "\nvalid\nsubject customer-2 of tenant clinic, vault local-vault\n" in done.stdout
