"""The same request sent again, under an `Idempotency-Key`, gets the same random tokens.

What a retry needs is stored before anything is drawn: a seed, from which the tokens of the request follow,
and the time. So a retry is right also when the answer was lost, or the function died half way. Key and
body are stored as keyed hashes only, so that the table confirms no guess of either.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from chalicelib.caller import Caller
from chalicelib.crypto.keys import KEY_BYTES
from chalicelib.crypto.prf import Draws
from chalicelib.errors import IdempotencyConflict, InvalidRequest
from chalicelib.sensitive import Sensitive
from chalicelib.sources import Clock, RandomBytes
from chalicelib.vault.keyring import PrfKeyring
from chalicelib.vault.requests import CLOCKS_SECONDS, RequestStore, StoredRequest

REQUEST_KEY: Final = re.compile(r"[A-Za-z0-9_-]{22,128}")
"""22 characters of base64url are 132 bits: no two keys meet by accident, and none can be guessed."""


@dataclass(frozen=True)
class RequestKey:
    """What a caller sent along: the key, and the very bytes of the body that it stands for."""

    key: str = field(repr=False)
    body: Sensitive[bytes]


@dataclass(frozen=True)
class IdempotentRequest:
    """How the random tokens of a request are drawn; `is_replay` if it may have been seen before."""

    created: int
    is_replay: bool = False
    seed: bytes | None = field(default=None, repr=False)

    @property
    def answered_since(self) -> int:
        """The Unix time from which on a try of it may have been answered: for a replay earlier than `created`
        by as much as an eraser's clock may be behind."""
        return self.created - CLOCKS_SECONDS if self.is_replay else self.created

    def draws(self, position: int) -> Draws | None:
        """The draws of one item; None for a request without a key, whose tokens are drawn afresh."""
        return None if self.seed is None else Draws(self.seed, position)


class Requests:
    """Recognizes requests that are sent again."""

    def __init__(
        self, store: RequestStore, keys: PrfKeyring, clock: Clock, random_bytes: RandomBytes
    ) -> None:
        self._store, self._keys, self._clock, self._random_bytes = store, keys, clock, random_bytes

    def open(self, caller: Caller, request: RequestKey | None) -> IdempotentRequest:
        """The request, new or replayed.

        Raises `InvalidRequest` for a key that is too short, `IdempotencyConflict` for another body under
        a known key, `KeyUnavailable` or `StoreUnavailable`.
        """
        now = int(self._clock())
        if request is None:
            return IdempotentRequest(now)
        if not REQUEST_KEY.fullmatch(request.key):
            raise InvalidRequest("the Idempotency-Key header must be 22 to 128 of A-Z a-z 0-9 _ and -")
        prf = self._keys.key(caller.tenant)
        key_hash = prf.request_mac("key", caller.requester, request.key)
        body_mac = prf.request_mac("body", key_hash, request.body.reveal())
        new = StoredRequest(key_hash.hex(), body_mac, self._random_bytes(KEY_BYTES), now)
        stored = self._store.get_or_create(new)
        if stored.body_mac != body_mac:
            raise IdempotencyConflict("this Idempotency-Key was used for a request with another body")
        return IdempotentRequest(stored.created, stored.seed != new.seed, stored.seed)
