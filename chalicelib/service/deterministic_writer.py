"""Deterministic tokens: finding the token of a value, and giving it one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.crypto.keys import TokenizingKey
from chalicelib.crypto.prf import Derived
from chalicelib.errors import TokenSpaceExhausted
from chalicelib.model import RecordDraft, TokenFacts, TokenRecord
from chalicelib.service.batch import Batch, BatchItem
from chalicelib.service.results import MAX_PROBES, item_result, write_result
from chalicelib.sources import Clock, RandomBytes
from chalicelib.vault.keyring import TokenizingKeyring
from chalicelib.vault.records import seal, verified_facts
from chalicelib.vault.tokens import Erased, Put, StoredToken, TokenKey, TokenStore, Vacant


@dataclass
class _Probe:
    """A value at one of the few places where its token may stand; `stored` is what was last seen there."""

    item: BatchItem
    fingerprint: bytes
    stored: StoredToken

    @property
    def token(self) -> str:
        return self.stored.key.token

    @property
    def record(self) -> TokenRecord:
        """The record to write at this place."""
        return self.item.draft.with_token(self.token, fingerprint=self.fingerprint)

    @property
    def is_free(self) -> bool:
        return isinstance(self.stored, Vacant)

    @property
    def is_same_value(self) -> bool:
        """Whether what stands there is of the same value, as far as an unverified record tells."""
        match self.stored:
            case Vacant() | Erased():
                return False
            case stored:
                return stored.fingerprint == self.fingerprint


Fill = Callable[[Sequence[_Probe]], None]
Derive = Callable[[str, Sequence[RecordDraft]], list[Derived]]
"""What follows from the values of a tenant, in order. Raises `KeyUnavailable`."""


class DeterministicWriter:
    """Finds the tokens of deterministic values, and gives one to each value that has none.

    A place is never freed: a tombstone stands where a record was erased. So a writer that finds a place free
    knows that no earlier value ever stood there, and an erased value takes its next place.
    """

    def __init__(
        self,
        *,
        store: TokenStore,
        derive: Derive,
        keys: TokenizingKeyring,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._store, self._derive, self._keys = store, derive, keys
        self._clock, self._random_bytes = clock, random_bytes

    def find(self, tenant: str, items: Batch) -> None:
        """Gives each item the facts of its token, or `TokenNotFound`; writes nothing.

        Raises `KeyUnavailable` or `StoreUnavailable`.
        """
        self._walk(tenant, items, lambda free: None)

    def write(self, key: TokenizingKey, items: Batch) -> None:
        """Gives each item the facts of its token, made if there was none, or its error.

        Raises `KeyUnavailable` or `StoreUnavailable`.
        """
        self._walk(key.context.tenant, items, lambda free: self._add(key, free))

    def _walk(self, tenant: str, items: Batch, fill: Fill) -> None:
        """Place by place: looks, fills the free places, and looks again at what was lost to others."""
        derived = self._derive(tenant, [item.draft for item in items])
        walking = list(zip(items, derived, strict=True))
        for number in range(MAX_PROBES):
            if not walking:
                return
            probes = self._look([_candidate(item, values, number) for item, values in walking])
            fill([probe for probe in probes if probe.is_free])
            lost = [probe for probe in probes if probe.is_free and probe.item.result is None]
            self._look(lost)
            self._settle(probes)
            walking = [(item, values) for item, values in walking if item.result is None]
        for item, _ in walking:
            item.result = TokenSpaceExhausted(f"none of the value's {MAX_PROBES} tokens is free")

    def _look(self, probes: list[_Probe]) -> list[_Probe]:
        if probes:
            found = self._store.find([probe.stored.key for probe in probes])
            for probe, stored in zip(probes, found, strict=True):
                probe.stored = stored
        return probes

    def _add(self, key: TokenizingKey, free: Sequence[_Probe]) -> None:
        """Writes one record for each free place. A probe that came second to its place gets no result yet."""
        first: dict[str, _Probe] = {}
        for probe in free:
            first.setdefault(probe.token, probe)
        if not first:
            return
        records = [probe.record for probe in first.values()]
        puts = self._store.add([seal(record, key, self._random_bytes) for record in records])
        written = {record.token: (record, put) for record, put in zip(records, puts, strict=True)}
        for probe in free:
            record, put = written[probe.token]
            if put is Put.FAILED or (put is Put.WRITTEN and first[probe.token] is probe):
                probe.item.result = write_result(record, put)

    def _settle(self, probes: Sequence[_Probe]) -> None:
        """A record of the same value is its token. A place still free says that the value has no token."""
        for probe in probes:
            if probe.item.result is None and (probe.is_free or probe.is_same_value):
                probe.item.result = item_result(self._existing, probe.stored)

    def _existing(self, stored: StoredToken) -> TokenFacts:
        return verified_facts(stored, self._keys, self._clock())


def _candidate(item: BatchItem, derived: Derived, number: int) -> _Probe:
    """The item at the place of this number, vacant until it is looked at."""
    draft = item.draft
    token = draft.space.token_at(derived.point(number, draft.space.size))
    return _Probe(item, derived.fingerprint, Vacant(TokenKey(draft.tenant, token)))
