"""The use cases of the tokenizing function: take values in, tell facts about tokens.

Nothing here, and nothing it is given, can open a record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.auth.permissions import require_action, require_type
from chalicelib.auth.policy import Policy
from chalicelib.cache import Clock
from chalicelib.crypto.attribute_key import RandomBytes
from chalicelib.crypto.keyring import TokenizingKeyring
from chalicelib.crypto.keys import TokenizingKey
from chalicelib.drawing import Below, draw
from chalicelib.errors import (
    InvalidValue,
    StoreUnavailable,
    TokenSpaceExhausted,
    TokenvaultError,
    UnknownType,
)
from chalicelib.formats.base import TokenSpace
from chalicelib.model import Caller, InfoType, TokenFacts, TokenRecord
from chalicelib.sensitive import Sensitive
from chalicelib.service.attempts import attempt
from chalicelib.vault.items import TokenKey
from chalicelib.vault.sealing import living, seal, verified_facts
from chalicelib.vault.store import Item, Put, TokenStore

ATTEMPTS: Final = 4
"""How often a free place is looked for. In a half full space this fails for one value in 16; a space
that is used so far is too small for its type, and the caller is told so before it gets slow."""


@dataclass(frozen=True)
class TokenizeItem:
    """A value to take in, as the caller sent it."""

    type: str
    value: Sensitive[object]
    ttl_seconds: int | None = None


@dataclass(frozen=True)
class _Accepted:
    """A canonical value on its way to a token; its record has no token yet."""

    record: TokenRecord
    space: TokenSpace


Result = TokenFacts | TokenvaultError


class Tokenizer:
    """Turns values into tokens."""

    def __init__(
        self,
        *,
        policy: Policy,
        store: TokenStore,
        keys: TokenizingKeyring,
        own_slots: frozenset[int],
        clock: Clock,
        below: Below,
        random_bytes: RandomBytes,
    ) -> None:
        self._policy, self._store, self._keys = policy, store, keys
        self._own_slots, self._clock, self._below, self._random_bytes = own_slots, clock, below, random_bytes

    def tokenize(self, caller: Caller, items: Sequence[TokenizeItem]) -> list[Result]:
        """A token for each value, or the error of that item, in order.

        Raises `NotPermitted`, `KeyUnavailable` or `StoreUnavailable` where nothing was taken in.
        """
        require_action(caller, "tokenize")
        now = int(self._clock())
        accepted = [attempt(lambda item=item: self._accept(caller, item, now)) for item in items]  # type: ignore[misc]
        waiting = iter(self._write(caller.tenant, [one for one in accepted if isinstance(one, _Accepted)]))
        return [next(waiting) if isinstance(one, _Accepted) else one for one in accepted]

    def facts(self, caller: Caller, token: str) -> TokenFacts:
        """What may be told about a token. Raises `TokenNotFound`, `NotPermitted` or `RecordCorrupt`."""
        require_action(caller, "read")
        key = TokenKey(caller.tenant, token)
        [found] = self._store.find([key])
        told = verified_facts(key, living(found), self._keys, self._clock())
        require_type(caller, told.type)
        return told

    def _accept(self, caller: Caller, item: TokenizeItem, now: int) -> _Accepted:
        info_type = self._policy.types.get(item.type)
        if info_type is None:
            raise UnknownType("the policy has no information type of this name")
        require_type(caller, info_type.name)
        expires_at = _expiry(info_type, item.ttl_seconds, now)
        canonical = info_type.format.canonicalize(item.value.reveal())
        record = TokenRecord(caller.tenant, "", info_type.name, Sensitive(canonical), now, expires_at)
        return _Accepted(record, info_type.format.space(canonical))

    def _write(self, tenant: str, accepted: Sequence[_Accepted]) -> list[Result]:
        """Draws, seals and stores. What the store took is never reported as failed."""
        if not accepted:
            return []
        key = self._keys.writing_key(tenant)
        results: dict[int, Result] = {}
        self._round(key, accepted, [i for i, one in enumerate(accepted) if one.space.opaque], results)
        formatted = [i for i, one in enumerate(accepted) if not one.space.opaque]
        for _ in range(ATTEMPTS):
            formatted = self._round(key, accepted, formatted, results)
        exhausted = TokenSpaceExhausted(f"no free token was found in {ATTEMPTS} attempts")
        results.update(dict.fromkeys(formatted, exhausted))
        if all(isinstance(result, StoreUnavailable) for result in results.values()):
            raise StoreUnavailable("the store did not answer; nothing was taken in, send it again")
        return [results[i] for i in range(len(accepted))]

    def _round(
        self, key: TokenizingKey, accepted: Sequence[_Accepted], wanted: list[int], results: dict[int, Result]
    ) -> list[int]:
        """One attempt for each wanted value; returns those whose drawn place was taken."""
        drawn = {i: attempt(lambda one=accepted[i]: self._drawn(one)) for i in wanted}  # type: ignore[misc]
        results.update({i: one for i, one in drawn.items() if isinstance(one, TokenvaultError)})
        records = {i: one for i, one in drawn.items() if isinstance(one, TokenRecord)}
        if not records:
            return []
        items = [seal(record, key, self._random_bytes) for record in records.values()]
        puts = self._put(items, opaque=accepted[wanted[0]].space.opaque)
        outcomes = dict(zip(records, puts, strict=True))
        results.update({i: _result(records[i], put) for i, put in outcomes.items() if put is not Put.TAKEN})
        return [i for i, put in outcomes.items() if put is Put.TAKEN]

    def _drawn(self, one: _Accepted) -> TokenRecord:
        return replace(one.record, token=draw(one.space, self._own_slots, self._below))

    def _put(self, items: Sequence[Item], *, opaque: bool) -> list[Put]:
        return self._store.put_opaque(items) if opaque else self._store.add(items)


def _result(record: TokenRecord, put: Put) -> Result:
    if put is Put.FAILED:
        return StoreUnavailable("the store did not take this value; send it again")
    return TokenFacts(record.token, record.type, record.created, record.expires_at)


def _expiry(info_type: InfoType, ttl_seconds: int | None, now: int) -> int | None:
    """When a new token expires. Raises `InvalidValue` for a limit that the type does not allow."""
    if ttl_seconds is not None and info_type.mode == "deterministic":
        raise InvalidValue("ttl_seconds: tokens of a deterministic type take no time limit")
    longest = info_type.max_ttl_seconds
    if ttl_seconds is not None and longest is not None and ttl_seconds > longest:
        raise InvalidValue(f"ttl_seconds: at most {longest} for this information type")
    seconds = info_type.default_ttl_seconds if ttl_seconds is None else ttl_seconds
    return None if seconds is None else now + seconds
