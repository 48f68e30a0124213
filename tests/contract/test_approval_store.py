"""One suite for every store of approvals: the fake, and DynamoDB."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chalicelib.actors import Actor
from chalicelib.errors import RecordCorrupt
from chalicelib.vault.approval_table import ApprovalTable
from chalicelib.vault.approvals import ApprovalRequest, ApprovalStore, Decision, ExportTerms, StoredApproval
from tests.support.memory_approvals import MemoryApprovals
from tests.support.world import world

ANNA, BERT = Actor("settlement", "sub-of-anna", "anna"), Actor("officer")
ASKED = ApprovalRequest(
    "shop", "0a" * 16, ANNA, "refund", "ab" * 32, {"text": 3}, 1_800_000_000, 1_800_003_600
)
YES = Decision(BERT, approves=True, at=1_800_000_060)


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[ApprovalStore]:
    if request.param == "memory":
        yield MemoryApprovals()
        return
    with world() as account:
        yield ApprovalTable(account.client("dynamodb"), "budgets")


def test_what_stands(store: ApprovalStore) -> None:
    """After each step all of it is found, with the latest signature; another id or tenant has none of it."""
    assert store.find("shop", ASKED.approval_id) is None
    store.ask(ASKED, b"asked")
    assert store.find("shop", ASKED.approval_id) == StoredApproval(ASKED, b"asked")
    assert store.decide(ASKED, YES, b"decided")
    assert store.find("shop", ASKED.approval_id) == StoredApproval(ASKED, b"decided", YES)
    assert store.use(ASKED, "1", 1_800_000_070)
    assert store.find("shop", ASKED.approval_id) == StoredApproval(ASKED, b"decided", YES, 1_800_000_070)
    assert store.find("clinic", ASKED.approval_id) is None
    assert store.find("shop", "0b" * 16) is None


def test_an_export_is_found_as_it_was_asked_for(store: ApprovalStore) -> None:
    """Its types in their order, and the recipient."""
    export = replace(ASKED, types={}, tokens_sha256="", export=ExportTerms(("card", "text"), "cd" * 32))
    store.ask(export, b"asked")
    assert store.find("shop", ASKED.approval_id) == StoredApproval(export, b"asked")
    assert export.type_names == ("card", "text")


def test_each_step_is_written_once(store: ApprovalStore) -> None:
    """The same write again is the same write; any other leaves what stands."""
    other = replace(ASKED, purpose="settlement")
    store.ask(ASKED, b"asked")
    store.ask(ASKED, b"asked")
    with pytest.raises(RecordCorrupt):
        store.ask(other, b"asked")
    no = Decision(ANNA, approves=False, at=1_800_000_061)
    assert [store.decide(ASKED, each, b"decided") for each in (YES, YES, no)] == [True, True, False]
    assert [store.use(ASKED, attempt, 1_800_000_070) for attempt in ("1", "1", "2")] == [True, True, False]
    assert store.find("shop", ASKED.approval_id) == StoredApproval(ASKED, b"decided", YES, 1_800_000_070)


def test_one_of_sixteen_threads_decides_and_one_uses(store: ApprovalStore) -> None:
    """Whoever they are, and also in the same second."""
    store.ask(ASKED, b"asked")
    barrier = threading.Barrier(16)

    def decide_and_use(number: int) -> tuple[bool, bool]:
        decision = Decision(Actor(f"officer-{number}"), approves=bool(number % 2), at=1_800_000_060)
        barrier.wait()
        return store.decide(ASKED, decision, b"decided"), store.use(ASKED, str(number), 1_800_000_070)

    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(decide_and_use, range(16)))
    winner = [decided for decided, _ in done].index(True)
    assert [sum(won) for won in zip(*done, strict=True)] == [1, 1]
    found = store.find("shop", ASKED.approval_id)
    assert found is not None
    assert found.decision is not None
    assert found.decision.decided_by.client == f"officer-{winner}"
