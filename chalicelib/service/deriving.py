"""Deterministic tokens: where the token of a value stands, if it has one, and giving it one."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from chalicelib.cache import Clock
from chalicelib.crypto.attribute_key import RandomBytes
from chalicelib.crypto.keyring import PrfKeyring, TokenizingKeyring
from chalicelib.crypto.keys import TokenizingKey
from chalicelib.crypto.prf import Derived, GenerateMac, mac_message
from chalicelib.errors import TokenNotFound, TokenSpaceExhausted
from chalicelib.formats.base import TokenSpace
from chalicelib.model import TokenFacts, TokenRecord
from chalicelib.service.accepting import Accepted
from chalicelib.service.attempts import MAX_PROBES, Result, attempt, told
from chalicelib.vault.items import FINGERPRINT, TokenKey
from chalicelib.vault.sealing import seal, verified_facts
from chalicelib.vault.store import Found, Put, TokenStore


@dataclass(frozen=True)
class DerivedDraft:
    """A record, and the short list of places where its token may stand."""

    record: TokenRecord
    space: TokenSpace
    derived: Derived

    def at(self, number: int) -> TokenRecord:
        """The record at the place of this attempt."""
        token = self.space.token_at(self.derived.point(number, self.space.size))
        return replace(self.record, token=token, fingerprint=self.derived.fingerprint)


class Deriver:
    """From values to what follows from them. `kms` types cost one call to KMS for each distinct value."""

    def __init__(self, keys: PrfKeyring, generate_mac: GenerateMac, pool: Executor) -> None:
        self._keys, self._generate_mac, self._pool = keys, generate_mac, pool

    def derive(self, tenant: str, values: Sequence[Accepted]) -> list[Derived]:
        """What follows from each value, in order; calls to KMS go side by side.

        Raises `KeyUnavailable`.
        """
        if not values:
            return []
        key = self._keys.key(tenant)
        indexes = [key.blind_index(v.type.name, v.subject, v.record.value.reveal()) for v in values]
        through_kms = {index for v, index in zip(values, indexes, strict=True) if v.type.derivation == "kms"}
        macs = self._macs(tenant, sorted(through_kms))
        return [
            Derived.from_seed(v.type.derivation, macs[index] if v.type.derivation == "kms" else index)
            for v, index in zip(values, indexes, strict=True)
        ]

    def _macs(self, tenant: str, indexes: Sequence[bytes]) -> dict[bytes, bytes]:
        context = self._keys.context(tenant)
        messages = [mac_message(context, index) for index in indexes]
        if len(messages) == 1:
            return {indexes[0]: self._generate_mac(messages[0])}
        return dict(zip(indexes, self._pool.map(self._generate_mac, messages), strict=True))


class DerivedTokens:
    """Finds the tokens of deterministic values, and gives them to those that have none.

    A place is never freed: a stub stands where a record was erased. So whoever writes to a free place
    knows that no earlier value ever stood there, and an erased value takes its next attempt.
    """

    def __init__(
        self, store: TokenStore, keys: TokenizingKeyring, clock: Clock, random_bytes: RandomBytes
    ) -> None:
        self._store, self._keys, self._clock, self._random_bytes = store, keys, clock, random_bytes

    def find(self, drafts: Sequence[DerivedDraft]) -> list[Result]:
        """The token of each value, or `TokenNotFound`, in order; writes nothing."""
        return self._walk(drafts, lambda _: {})

    def write(self, key: TokenizingKey, drafts: Sequence[DerivedDraft]) -> list[Result]:
        """The token of each value, made where there was none, in order."""
        return self._walk(drafts, lambda records: self._add(key, records))

    def _walk(
        self,
        drafts: Sequence[DerivedDraft],
        fill: Callable[[Mapping[int, TokenRecord]], Mapping[int, Result]],
    ) -> list[Result]:
        """Attempt by attempt: looks, fills the free places, and looks again at what was lost to others."""
        results: dict[int, Result] = {}
        left = list(range(len(drafts)))
        for number in range(MAX_PROBES):
            if not left:
                break
            records = {i: drafts[i].at(number) for i in left}
            found = self._look(records)
            free = {i: records[i] for i in left if found[i] == Found()}
            filled = fill(free)
            results.update(filled)
            lost = {i: record for i, record in free.items() if i not in filled}
            found.update(self._look(lost))
            results.update(self._own(records, {i: found[i] for i in left if i not in filled}))
            left = [i for i in left if i not in results]
        spent = TokenSpaceExhausted(f"none of the value's {MAX_PROBES} tokens is free")
        return [results.get(i, spent) for i in range(len(drafts))]

    def _look(self, records: Mapping[int, TokenRecord]) -> dict[int, Found]:
        keys = [TokenKey(record.tenant, record.token) for record in records.values()]
        return dict(zip(records, self._store.find(keys), strict=True)) if keys else {}

    def _add(self, key: TokenizingKey, records: Mapping[int, TokenRecord]) -> dict[int, Result]:
        """Writes one record for each free place. Those that came second to theirs have no result yet."""
        first = {records[i].token: i for i in sorted(records, reverse=True)}
        items = [seal(records[i], key, self._random_bytes) for i in first.values()]
        puts = dict(zip(first, self._store.add(items), strict=True))
        return {
            i: told(record, puts[record.token])
            for i, record in records.items()
            if puts[record.token] is Put.FAILED
            or (puts[record.token] is Put.WRITTEN and first[record.token] == i)
        }

    def _own(self, records: Mapping[int, TokenRecord], found: Mapping[int, Found]) -> dict[int, Result]:
        """What stands there and is of the same value. A free place says that the value has no token."""
        return {
            i: attempt(lambda at=(records[i], one): self._standing(*at))  # type: ignore[misc]
            for i, one in found.items()
            if one == Found() or (not one.erased and _fingerprint(one) == records[i].fingerprint)
        }

    def _standing(self, record: TokenRecord, found: Found) -> TokenFacts:
        if found.record is None:
            raise TokenNotFound("unknown")
        key = TokenKey(record.tenant, record.token)
        return verified_facts(key, found.record, self._keys, self._clock())


def _fingerprint(found: Found) -> bytes | None:
    """What a stored record says of its value, before it is verified."""
    attribute = (found.record or {}).get(FINGERPRINT, {})
    return bytes(attribute["B"]) if "B" in attribute else None
