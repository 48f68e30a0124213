"""Faults planted into the product, each of which a few histories find; each says what is broken by it."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from tokenvault_client import regions

from chalicelib.audit.events import AuditEvent, Checkpoint
from chalicelib.caller import Caller, CaptureSession
from chalicelib.config import SLOTS
from chalicelib.drawing import draw
from chalicelib.errors import StoreUnavailable
from chalicelib.items import Item, place
from chalicelib.model import SubjectSecret
from chalicelib.sensitive import Sensitive
from chalicelib.service import import_writer, random_writer
from chalicelib.service.batch import Batch
from chalicelib.service.capturer import Capturer
from chalicelib.service.deterministic_writer import _Walk
from chalicelib.service.import_writer import ImportWriter
from chalicelib.service.requests import IdempotentRequest, RequestKey
from chalicelib.service.results import write_result
from chalicelib.service.retokenize_pages import RetokenizePages
from chalicelib.service.searcher import Searcher
from chalicelib.service.subjects import Subjects
from chalicelib.vault import subject_items, token_items
from chalicelib.vault.keys import TenantKeys, WrappedBranchKey, WrappedPrfKey
from chalicelib.vault.records import RecordSealer
from chalicelib.vault.tokens import StoredToken, Tombstone, Vacant
from tests.support import memory_approvals, memory_store, memory_subjects
from tests.support.simulation import stores


def no_slots(patch: pytest.MonkeyPatch) -> str:
    """Every Region draws from the whole space."""
    every = frozenset(range(SLOTS))
    patch.setattr(random_writer, "draw", lambda space, _, randbelow: draw(space, every, randbelow))
    return "two"


def no_fingerprints(patch: pytest.MonkeyPatch) -> str:
    """A writer takes whatever record stands at one of a value's places for the value's own."""

    def own(walk: _Walk) -> StoredToken | None:
        return next((each for each in walk.places if not isinstance(each, Vacant | Tombstone)), None)

    patch.setattr(_Walk, "own", property(own))
    return "stands for two values"


def places_that_fall_free(patch: pytest.MonkeyPatch) -> str:
    """An expired record is deleted, and leaves no tombstone."""

    def expire(store: memory_store.MemoryStore, tombstones: list[Tombstone], now: int) -> None:
        for each in tombstones:
            store._items.pop(place(token_items.expired_item(each, now)), None)

    patch.setattr(memory_store.MemoryStore, "expire", expire)
    return "two"


def one_name_for_secrets(patch: pytest.MonkeyPatch) -> str:
    """The secret of a subject lies under a fixed name, so that of two Regions' one is overwritten."""
    new = Subjects._new_secret

    def fixed(subjects: Subjects, subject: str) -> SubjectSecret:
        return replace(new(subjects, subject), secret_id="0" * 32)

    patch.setattr(Subjects, "_new_secret", fixed)
    return "does not open"


def keys_before_they_are_ready(patch: pytest.MonkeyPatch) -> str:
    """A version is written with as soon as it is made."""

    def newest(keys: TenantKeys) -> WrappedBranchKey | None:
        return max(keys.versions, key=lambda version: version.age, default=None)

    patch.setattr(TenantKeys, "newest_ready", property(newest))
    return "does not open"


def prf_keys_before_they_are_ready(patch: pytest.MonkeyPatch) -> str:
    """A type's tokens are derived with another key as soon as it is there, and Regions make one each."""

    def ready_prf(keys: TenantKeys, number: int = 1) -> WrappedPrfKey | None:
        return keys.prf_keys.get(number)

    patch.setattr(TenantKeys, "ready_prf", ready_prf)
    return "moves, and has no need to"


def moves_that_forget_whose(patch: pytest.MonkeyPatch) -> str:
    """Values that move to another PRF key are nobody's from then on."""
    drafted = RetokenizePages._drafted

    def nobodys(*given: Any) -> Any:
        facts, made, mark = drafted(*given)
        return facts, made and replace(made, subject=None, secret=None), mark

    patch.setattr(RetokenizePages, "_drafted", nobodys)
    return "is a pair's for another value"


def erasures_that_change_nothing(patch: pytest.MonkeyPatch) -> str:
    """Asked for again, an erasure writes what stands there already."""

    def unchanged(item: Item, now: int) -> Item:
        return item

    def items(token: StoredToken, now: int) -> tuple[Item, Item]:
        since = token.since if isinstance(token, Tombstone) and token.since else now
        return token_items.marker(token.key, since), token_items.tombstone(token.key, since, token.origin)

    for module in (subject_items, memory_subjects):
        patch.setattr(module, "sent_again", unchanged)
    patch.setattr(memory_store, "erased_items", items)
    return "was erased, and opens"


def reveals_off_record(patch: pytest.MonkeyPatch) -> str:
    """What the audit trail did not acknowledge is answered nevertheless."""
    record = stores.FatedTrail.record

    def careless(trail: stores.FatedTrail, event: AuditEvent | Checkpoint) -> None:
        with suppress(StoreUnavailable):
            record(trail, event)

    patch.setattr(stores.FatedTrail, "record", careless)
    return "off record"


def imports_that_overwrite(patch: pytest.MonkeyPatch) -> str:
    """An imported value takes the place of its token, whatever stands there."""

    def write(writer: ImportWriter, sealer: RecordSealer, items: Batch, request: IdempotentRequest) -> None:
        records = [import_writer._record(item, request) for item in items]
        puts = writer._store.put_opaque([sealer.seal(record) for record in records])
        for item, record, put in zip(items, records, puts, strict=True):
            item.result = write_result(record, put)

    patch.setattr(ImportWriter, "look", lambda *_: None)
    patch.setattr(ImportWriter, "write", write)
    return "two"


def searches_that_find_the_erased(patch: pytest.MonkeyPatch) -> str:
    """A search tells of the tokens of a subject that was erased."""
    patch.setattr(Searcher, "_close_erased", lambda *_: None)
    return "was erased, and is found"


def clients_that_move_what_was_sent(patch: pytest.MonkeyPatch) -> str:
    """A client sends a request to the next Region though the first may have carried it out."""
    patch.setattr(regions, "may_move", lambda *_: True)
    return "is sent to another Region"


def approvals_that_are_used_up_by_nobody(patch: pytest.MonkeyPatch) -> str:
    """An approval shows values as often as its holder asks."""
    patch.setattr(memory_approvals.MemoryApprovals, "use", lambda *_: True)
    return "used twice"


def sessions_that_are_used_up_by_nobody(patch: pytest.MonkeyPatch) -> str:
    """A capture session takes in whatever its pages send, each body once."""

    def use(
        capturer: Capturer, caller: Caller, session: CaptureSession, amount: int, body: Sensitive[bytes]
    ) -> IdempotentRequest:
        again = RequestKey(session.session_id + hashlib.sha256(body.reveal()).hexdigest(), body)
        return capturer._requests.open(caller, again)

    patch.setattr(Capturer, "_use", use)
    return "a capture session took in"


FAULTS: tuple[Callable[[pytest.MonkeyPatch], str], ...] = (
    no_slots,
    no_fingerprints,
    places_that_fall_free,
    one_name_for_secrets,
    keys_before_they_are_ready,
    prf_keys_before_they_are_ready,
    erasures_that_change_nothing,
    reveals_off_record,
    imports_that_overwrite,
    searches_that_find_the_erased,
    moves_that_forget_whose,
    clients_that_move_what_was_sent,
    approvals_that_are_used_up_by_nobody,
    sessions_that_are_used_up_by_nobody,
)
