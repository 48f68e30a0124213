"""One suite for every store of subjects: the fake, and DynamoDB."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from chalicelib.errors import RecordCorrupt
from chalicelib.items import Item, place, primary_key
from chalicelib.model import SubjectSecret
from chalicelib.sensitive import Sensitive
from chalicelib.vault.batches import Batches
from chalicelib.vault.dynamodb import Backoff
from chalicelib.vault.short_lived import SHORT_LIVED, short_lived_id
from chalicelib.vault.subject_items import erased_item, pending_item, secret_item
from chalicelib.vault.subject_table import SubjectTable
from chalicelib.vault.subjects import (
    Erasure,
    PendingErasure,
    StoredSecret,
    StoredSubject,
    SubjectStore,
)
from chalicelib.vault.token_items import AGAIN
from chalicelib.vault.tokens import SecretReference
from tests.support.memory_subjects import MemorySubjects
from tests.support.world import world


@dataclass
class Store:
    """A store under test, and a way to put into it whatever should stand there."""

    it: SubjectStore
    overwrite: Callable[[Item], Any]
    raw: Callable[[Item], Item | None]
    """What stands at the place of an item."""


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        memory = MemorySubjects()
        yield Store(memory, memory.overwrite, memory.raw)
        return
    with world() as account, ThreadPoolExecutor(16) as pool:
        client = account.client("dynamodb")
        table = SubjectTable(client, "subjects", Batches(client, pool, Backoff()))

        def raw(item: Item) -> Item | None:
            key = primary_key(*place(item))
            return account.dynamodb.get_item(TableName="subjects", Key=key).get("Item")

        yield Store(table, lambda item: account.store(item, "subjects"), raw)


def secret(secret_id: str, content: str = "s", subject: str = "p") -> SubjectSecret:
    return SubjectSecret(subject, secret_id, Sensitive(padded(content)))


def padded(content: str) -> bytes:
    """As long as secrets are."""
    return content.encode().ljust(32, b".")


def revealed(
    found: Mapping[SecretReference, StoredSecret],
) -> dict[SecretReference, bytes]:
    return {name: secret.reveal() for name, secret in found.items() if isinstance(secret, Sensitive)}


def test_an_unknown_subject_is_empty(store: Store) -> None:
    """Neither secrets nor a marker; no subjects are no question."""
    assert store.it.find("shop", ["p", "q"]) == [StoredSubject(), StoredSubject()]
    assert store.it.find("shop", []) == []
    assert store.it.secrets("shop", [SecretReference("p", "1")]) == {}


def test_secrets_are_found_by_subject_and_id(store: Store) -> None:
    """In the order of the question, for the tenant that they belong to."""
    store.it.add_secrets("shop", [secret("1", "one")])
    store.it.add_secrets("shop", [secret("2", "two")])
    store.it.add_secrets("shop", [secret("1", "other", "q")])
    store.it.add_secrets("clinic", [secret("1", "clinic's")])
    nobody, q, p = store.it.find("shop", ["nobody", "q", "p"])
    assert (nobody, q, p) == (
        StoredSubject(),
        StoredSubject({"1": padded("other")}),
        StoredSubject({"1": padded("one"), "2": padded("two")}),
    )
    wanted = [
        SecretReference("p", "2"),
        SecretReference("q", "1"),
        SecretReference("q", "2"),
        SecretReference("nobody", "1"),
    ]
    assert revealed(store.it.secrets("shop", wanted)) == {
        SecretReference("p", "2"): padded("two"),
        SecretReference("q", "1"): padded("other"),
    }


def test_a_secret_is_written_once(store: Store) -> None:
    """A write that is repeated changes nothing, nor does another under the same id."""
    store.it.add_secrets("shop", [secret("1", "first")])
    store.it.add_secrets("shop", [secret("1", "second")])
    assert store.it.find("shop", ["p"]) == [StoredSubject({"1": padded("first")})]


def test_many_secrets_are_found_at_once(store: Store) -> None:
    """As many as a request can name, which is more than one read of DynamoDB takes."""
    for n in range(60):
        store.it.add_secrets("shop", [secret("1", f"{n}", f"p{n}")])
    found = revealed(store.it.secrets("shop", [SecretReference(f"p{n}", "1") for n in range(60)]))
    assert found == {SecretReference(f"p{n}", "1"): padded(f"{n}") for n in range(60)}


def test_the_first_marker_stands(store: Store) -> None:
    """The second eraser is told what the first has written."""
    assert store.it.mark_erased("shop", "p", Erasure(100, 1, 4)) == Erasure(100, 1, 4)
    assert store.it.mark_erased("shop", "p", Erasure(200, 0, 0)) == Erasure(100, 1, 4)
    assert store.it.mark_erased("shop", "q", Erasure(100, 1, 4, "a" * 64)) == Erasure(100, 1, 4, "a" * 64)
    assert store.it.find("shop", ["p"]) == [StoredSubject(erased=Erasure(100, 1, 4))]
    assert store.it.find("clinic", ["p"]) == [StoredSubject()]


def test_the_marker_wins_over_secrets(store: Store) -> None:
    """Also over one that is written, or comes back, after it; and where the secret is not there."""
    store.it.add_secrets("shop", [secret("1")])
    store.it.mark_erased("shop", "p", Erasure(100, 1, 4))
    store.it.add_secrets("shop", [secret("2")])
    assert store.it.find("shop", ["p"]) == [StoredSubject(erased=Erasure(100, 1, 4))]
    references = [SecretReference("p", secret_id) for secret_id in ("1", "2", "none")]
    assert store.it.secrets("shop", references) == dict.fromkeys(references)


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
    for made in (secret("1"), secret("2"), secret("1", "other", "q")):
        store.it.add_secrets("shop", [made])
    store.it.mark_erased("shop", "p", Erasure(100, 2, 0))
    assert [store.it.destroy_secrets("shop", "p") for _ in range(2)] == [2, 0]
    assert store.it.find("shop", ["p", "q"]) == [
        StoredSubject(erased=Erasure(100, 2, 0)),
        StoredSubject({"1": padded("other")}),
    ]


def test_passed_secrets_are_destroyed_and_no_others(store: Store) -> None:
    """Those of the tenant whose time is up, also beside a marker or unparsed; not a person's."""
    for passes in (1200, 1500, 1501):
        store.it.add_secrets("shop", [secret(short_lived_id(passes, "a"), subject=SHORT_LIVED)])
    store.it.add_secrets("clinic", [secret(short_lived_id(1200, "a"), subject=SHORT_LIVED)])
    store.it.add_secrets("shop", [secret(short_lived_id(1200, "a"))])
    spoilt = secret_item("shop", secret(short_lived_id(900, "b"), subject=SHORT_LIVED))
    store.overwrite({**spoilt, "secret": {"S": "x"}})
    store.it.mark_erased("shop", SHORT_LIVED, Erasure(1, 0, 0))
    assert store.it.destroy_passed("shop", 899) == []
    assert sorted(store.it.destroy_passed("shop", 1500)) == [900, 1200, 1500]
    assert store.it.destroy_passed("shop", 1500) == []
    assert store.it.destroy_passed("shop", 1501) == [1501]
    assert store.it.find("shop", ["p"])[0].secrets.keys() == {short_lived_id(1200, "a")}
    assert store.it.find("clinic", [SHORT_LIVED])[0].secrets.keys() == {short_lived_id(1200, "a")}


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


def test_marking_again_changes_marker_and_note(store: Store) -> None:
    """Also within one second: what changes nothing is not replicated, and the last time may not have been."""
    places = [erased_item("shop", "p", Erasure(100, 1, 4)), pending_item("shop", "p", 100)]
    seen = list[list[Item | None]]()
    for _ in range(3):
        assert store.it.mark_erased("shop", "p", Erasure(100, 1, 4)) == Erasure(100, 1, 4)
        seen.append([store.raw(item) for item in places])
    for before, after in pairwise(seen):
        assert before[0] != after[0]
    assert seen[0][1] != seen[1][1]
    assert store.it.pending_erasures() == [PendingErasure("shop", "p", 100)]


def test_handing_on_changes_what_stands_and_says_the_same(store: Store) -> None:
    """A note that was renewed or taken off meanwhile is left alone, and no marker is made."""
    store.it.mark_erased("shop", "p", Erasure(100, 1, 4))
    marker, note = erased_item("shop", "p", Erasure(100, 1, 4)), pending_item("shop", "p", 100)
    for pending, expected in (
        (PendingErasure("shop", "p", 99), note),
        (PendingErasure("shop", "p", 100), {**note, AGAIN: {"N": "400"}}),
    ):
        store.it.hand_on(pending, 400)
        assert store.raw(note) == expected
        assert store.raw(marker) != marker
    assert store.it.find("shop", ["p"]) == [StoredSubject(erased=Erasure(100, 1, 4))]
    store.it.finish(PendingErasure("shop", "p", 100))
    assert store.it.pending_erasures() == []
    store.it.hand_on(PendingErasure("shop", "q", 100), 400)
    assert (store.it.pending_erasures(), store.it.find("shop", ["q"])) == ([], [StoredSubject()])


def test_all_writers_seal_with_one_secret(store: Store) -> None:
    """Of several secrets, which two Regions may make, everybody takes the same."""
    for secret_id in ("b", "a", "c"):
        store.it.add_secrets("shop", [secret(secret_id, secret_id)])
    [subject] = store.it.find("shop", ["p"])
    taken = subject.sealing_secret("p")
    assert isinstance(taken, SubjectSecret)
    assert (taken.subject, taken.secret_id, taken.secret.reveal()) == ("p", "a", padded("a"))


@pytest.mark.parametrize(
    "spoilt", [{"NULL": True}, {"S": "x"}, {"N": "1"}, {"B": b""}, {"B": b"s" * 31}], ids=str
)
def test_a_secret_that_does_not_parse_stands_as_its_error(store: Store, spoilt: dict[str, Any]) -> None:
    """It counts as a secret, opens nothing, and is destroyed as any other; another is taken instead."""
    store.overwrite({**secret_item("shop", secret("1")), "secret": spoilt})
    [alone] = store.it.find("shop", ["p"])
    assert (len(alone.secrets), alone.is_unknown) == (1, False)
    assert isinstance(alone.sealing_secret("p"), RecordCorrupt)
    store.it.add_secrets("shop", [secret("2", "two")])
    [both] = store.it.find("shop", ["p"])
    taken = both.sealing_secret("p")
    assert isinstance(taken, SubjectSecret)
    assert taken.secret_id == "2"
    references = [SecretReference("p", "1"), SecretReference("p", "2")]
    found = store.it.secrets("shop", references)
    assert [type(found[reference]) for reference in references] == [RecordCorrupt, Sensitive]
    assert store.it.destroy_secrets("shop", "p") == 2


@pytest.mark.parametrize("spoilt", [{"at": {"S": "x"}}, {"tokens": {"N": "1.5"}}], ids=str)
def test_a_marker_that_does_not_parse_still_stands(store: Store, spoilt: dict[str, Any]) -> None:
    """The subject is erased for every reader, and stays so for the next eraser."""
    store.it.add_secrets("shop", [secret("1")])
    store.overwrite({**erased_item("shop", "p", Erasure(1, 1, 1)), **spoilt})
    [subject] = store.it.find("shop", ["p"])
    assert isinstance(subject.erased, RecordCorrupt)
    assert subject.sealing_secret("p") is None
    assert store.it.erased("shop", ["p"]) == {"p"}
    assert store.it.secrets("shop", [SecretReference("p", "1")]) == {SecretReference("p", "1"): None}
    assert isinstance(store.it.mark_erased("shop", "p", Erasure(2, 0, 0)), RecordCorrupt)
