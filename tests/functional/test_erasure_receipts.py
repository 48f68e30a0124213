"""The receipt of an erasing: what it says, and that nobody can change it."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature

from tests.support.answers import tokens
from tests.support.receipts import parts, verify
from tests.support.values import of_a_subject
from tests.support.world import World

SUBJECT_ID = "person-7"
ITEMS = of_a_subject(7)
VALUES = [item["value"] for item in ITEMS]


def test_the_receipt_says_what_was_done_and_can_be_checked(account: World) -> None:
    """What, whose, when, how much, and what remains until when; signed by the vault's key."""
    account.tokenize(*ITEMS)
    before = datetime.now(UTC).replace(microsecond=0)
    answer = account.erase(subject=SUBJECT_ID)
    receipt = verify(account, answer.body["jws"])
    assert receipt == answer.body["receipt"]
    assert json.loads(parts(answer.body["jws"])[0])["kid"] == account.receipt_key
    erased_at = datetime.fromisoformat(receipt["erased_at"])
    assert before <= erased_at <= datetime.now(UTC)
    assert receipt["remains"]["in_backups_until"] == (erased_at + timedelta(days=2 + 35)).date().isoformat()
    named = {name: receipt[name] for name in ("tenant", "subject", "secrets_destroyed", "tokens_closed")}
    assert named == {"tenant": "shop", "subject": SUBJECT_ID, "secrets_destroyed": 1, "tokens_closed": 4}
    assert not [value for value in VALUES if value in answer.raw.body.decode()]


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_receipt_that_was_changed_does_not_verify(account: World, part: int) -> None:
    """One letter of header, claims or signature is enough."""
    pieces = account.erase(subject=SUBJECT_ID).body["jws"].split(".")
    changed = "B" if pieces[part][20] == "A" else "A"
    pieces[part] = pieces[part][:20] + changed + pieces[part][21:]
    with pytest.raises((InvalidSignature, ValueError)):
        verify(account, ".".join(pieces))


def test_asked_again_the_receipt_says_the_same(account: World) -> None:
    """Also after the clean-up, when there is nothing left to count."""
    account.tokenize(*ITEMS)
    first = account.erase(subject=SUBJECT_ID).body["receipt"]
    second = account.erase(subject=SUBJECT_ID).body
    account.settle()
    account.maintain()
    third = account.erase(subject=SUBJECT_ID).body
    assert first == second["receipt"] == third["receipt"] == verify(account, third["jws"])


def test_the_receipt_has_the_digest_of_the_tokens(account: World) -> None:
    """It is that of the list read before, so that whoever kept the list can prove what was closed."""
    made = tokens(account.tokenize(*ITEMS))
    listed = "".join(f"{token}\n" for token in sorted(made))
    receipts = [account.erase(subject=SUBJECT_ID).body for _ in range(2)]
    account.settle()
    account.maintain()
    receipts.append(account.erase(subject=SUBJECT_ID).body)
    digests = {verify(account, receipt["jws"])["tokens_sha256"] for receipt in receipts}
    assert digests == {hashlib.sha256(listed.encode()).hexdigest()}


def test_a_receipt_of_an_earlier_release_has_no_digest(account: World) -> None:
    """Its marker knows none, and the receipt goes on saying what it said."""
    account.tokenize(*ITEMS)
    account.erase(subject=SUBJECT_ID)
    [marker] = [item for item in account.items("subjects") if item["sk"]["S"] == "erased"]
    account.store({name: part for name, part in marker.items() if name != "tokens_sha256"}, "subjects")
    assert "tokens_sha256" not in account.erase(subject=SUBJECT_ID).body["receipt"]
