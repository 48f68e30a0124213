"""One suite for every store of subjects: the fake, and DynamoDB."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item
from chalicelib.model import SubjectSecret
from chalicelib.sensitive import Sensitive
from chalicelib.vault.batches import Batches
from chalicelib.vault.dynamodb import Backoff
from chalicelib.vault.subject_items import erased_item, secret_item
from chalicelib.vault.subject_table import SubjectTable
from chalicelib.vault.subjects import Erasure, PendingErasure, StoredSubject, SubjectStore
from chalicelib.vault.tokens import SecretReference
from tests.support.memory_subjects import MemorySubjects
from tests.support.world import world


@dataclass
class Store:
    """A store under test, and a way to put into it whatever should stand there."""

    it: SubjectStore
    overwrite: Callable[[Item], Any]


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        memory = MemorySubjects()
        yield Store(memory, memory.overwrite)
        return
    with world() as account, ThreadPoolExecutor(16) as pool:
        client = account.client("dynamodb")
        table = SubjectTable(client, "subjects", Batches(client, pool, Backoff()))
        yield Store(table, lambda item: account.store(item, "subjects"))


def secret(secret_id: str, content: bytes = b"s" * 32, subject: str = "p") -> SubjectSecret:
    return SubjectSecret(subject, secret_id, Sensitive(content))


def revealed(found: dict[SecretReference, Sensitive[bytes]]) -> dict[SecretReference, bytes]:
    return {reference: found_secret.reveal() for reference, found_secret in found.items()}


def test_an_unknown_subject_is_empty(store: Store) -> None:
    """Neither secrets nor a marker; no subjects are no question."""
    assert store.it.find("shop", ["p", "q"]) == [StoredSubject(), StoredSubject()]
    assert store.it.find("shop", []) == []
    assert store.it.secrets("shop", [SecretReference("p", "1")]) == {}


def test_secrets_are_found_by_subject_and_id(store: Store) -> None:
    """In the order of the question, for the tenant that they belong to."""
    store.it.add_secrets("shop", [secret("1", b"one")])
    store.it.add_secrets("shop", [secret("2", b"two")])
    store.it.add_secrets("shop", [secret("1", b"other", "q")])
    store.it.add_secrets("clinic", [secret("1", b"clinic's")])
    nobody, q, p = store.it.find("shop", ["nobody", "q", "p"])
    assert (nobody, q, p) == (
        StoredSubject(),
        StoredSubject({"1": b"other"}),
        StoredSubject({"1": b"one", "2": b"two"}),
    )
    wanted = [
        SecretReference("p", "2"),
        SecretReference("q", "1"),
        SecretReference("q", "2"),
        SecretReference("nobody", "1"),
    ]
    assert revealed(store.it.secrets("shop", wanted)) == {
        SecretReference("p", "2"): b"two",
        SecretReference("q", "1"): b"other",
    }


def test_a_secret_is_written_once(store: Store) -> None:
    """A write that is repeated changes nothing, nor does another under the same id."""
    store.it.add_secrets("shop", [secret("1", b"first")])
    store.it.add_secrets("shop", [secret("1", b"second")])
    assert store.it.find("shop", ["p"]) == [StoredSubject({"1": b"first"})]


def test_many_secrets_are_found_at_once(store: Store) -> None:
    """As many as a request can name, which is more than one read of DynamoDB takes."""
    for n in range(60):
        store.it.add_secrets("shop", [secret("1", f"{n}".encode(), f"p{n}")])
    found = revealed(store.it.secrets("shop", [SecretReference(f"p{n}", "1") for n in range(60)]))
    assert found == {SecretReference(f"p{n}", "1"): f"{n}".encode() for n in range(60)}


def test_the_first_marker_stands(store: Store) -> None:
    """The second eraser is told what the first has written."""
    assert store.it.mark_erased("shop", "p", Erasure(100, 1, 4)) == Erasure(100, 1, 4)
    assert store.it.mark_erased("shop", "p", Erasure(200, 0, 0)) == Erasure(100, 1, 4)
    assert store.it.find("shop", ["p"]) == [StoredSubject(erased=Erasure(100, 1, 4))]
    assert store.it.find("clinic", ["p"]) == [StoredSubject()]


def test_the_marker_wins_over_secrets(store: Store) -> None:
    """Also over one that is written, or comes back, after it."""
    store.it.add_secrets("shop", [secret("1")])
    store.it.mark_erased("shop", "p", Erasure(100, 1, 4))
    store.it.add_secrets("shop", [secret("2")])
    assert store.it.find("shop", ["p"]) == [StoredSubject(erased=Erasure(100, 1, 4))]
    assert store.it.secrets("shop", [SecretReference("p", "1"), SecretReference("p", "2")]) == {}


def test_the_erased_ones_are_told_of_many(store: Store) -> None:
    """As many as a request can name; unknown and living subjects are not among them, nor another tenant's."""
    store.it.add_secrets("shop", [secret("1", subject=f"p{n}") for n in range(120)])
    for n in range(0, 120, 7):
        store.it.mark_erased("shop", f"p{n}", Erasure(100, 1, 0))
    names = [f"p{n}" for n in range(150)]
    assert store.it.erased("shop", names) == {f"p{n}" for n in range(0, 120, 7)}
    assert store.it.erased("clinic", names) == set()
    assert store.it.erased("shop", []) == set()


def test_secrets_are_destroyed_for_good(store: Store) -> None:
    """All of the subject's, no other's, and the marker stays; again there is nothing to destroy."""
    for made in (secret("1"), secret("2"), secret("1", b"other", "q")):
        store.it.add_secrets("shop", [made])
    store.it.mark_erased("shop", "p", Erasure(100, 2, 0))
    assert [store.it.destroy_secrets("shop", "p") for _ in range(2)] == [2, 0]
    assert store.it.find("shop", ["p", "q"]) == [
        StoredSubject(erased=Erasure(100, 2, 0)),
        StoredSubject({"1": b"other"}),
    ]


def test_marking_notes_the_pending_erasure(store: Store) -> None:
    """Once a subject, until it is done; marking again renews the time, so none is taken off too early."""
    store.it.mark_erased("shop", "p", Erasure(100, 1, 4))
    store.it.mark_erased("clinic", "p", Erasure(150, 0, 0))
    store.it.mark_erased("shop", "p", Erasure(200, 1, 4))
    noted = [PendingErasure("shop", "p", 200), PendingErasure("clinic", "p", 150)]
    assert sorted(store.it.pending_erasures(), key=lambda pending: pending.tenant, reverse=True) == noted
    store.it.finish(noted[0])
    assert store.it.pending_erasures() == [noted[1]]
    store.it.finish(noted[0])
    store.it.finish(noted[1])
    assert store.it.pending_erasures() == []
    assert store.it.find("shop", ["p"]) == [StoredSubject(erased=Erasure(100, 1, 4))]


def test_all_writers_seal_with_one_secret(store: Store) -> None:
    """Of several secrets, which two Regions may make, everybody takes the same."""
    for secret_id in ("b", "a", "c"):
        store.it.add_secrets("shop", [secret(secret_id, secret_id.encode())])
    [subject] = store.it.find("shop", ["p"])
    taken = subject.sealing_secret("p")
    assert taken is not None
    assert (taken.subject, taken.secret_id, taken.secret.reveal()) == ("p", "a", b"a")


@pytest.mark.parametrize(
    "broken",
    [
        {**secret_item("shop", secret("1")), "secret": {"S": "x"}},
        {name: part for name, part in secret_item("shop", secret("1")).items() if name != "secret"},
        {**erased_item("shop", "p", Erasure(1, 1, 1)), "at": {"S": "x"}},
        {**erased_item("shop", "p", Erasure(1, 1, 1)), "tokens": {"N": "1.5"}},
    ],
    ids=["a text", "no secret", "no time", "no number"],
)
def test_what_does_not_parse_is_corrupt(store: Store, broken: Item) -> None:
    """An item that somebody changed is refused, never with another error."""
    store.overwrite(broken)
    with pytest.raises(RecordCorrupt):
        store.it.find("shop", ["p"])
