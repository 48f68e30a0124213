"""The use case of capturing: a page hands values in by a capture session, and gets tokens and masks.

The mask is of the value that came with the very request: nothing that is stored is read back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.auth.permissions import require_action
from chalicelib.caller import Caller, CaptureSession
from chalicelib.errors import (
    BatchTooLarge,
    CaptureSessionUsed,
    IdempotencyConflict,
    InvalidValue,
    TokenvaultError,
)
from chalicelib.model import BudgetKind, TokenFacts
from chalicelib.sensitive import Sensitive
from chalicelib.service.accepting import SESSION_MARK, TokenizeItem, ValueItem
from chalicelib.service.batch import BatchItem, pending
from chalicelib.service.requests import IdempotentRequest, RequestKey, Requests
from chalicelib.service.tokenizer import Tokenizer, answer
from chalicelib.sources import Clock
from chalicelib.vault.budgets import BudgetStore, Spending

MAX_LATE: Final = 20
"""Requests by a `single_use` session that was used. The very body gets its tokens again, for a page that lost
the answer. So each may be a guess: of a card with a known BIN and known last digits few are left."""


@dataclass(frozen=True)
class Captured:
    """A new token, and what a masked reveal of it would show."""

    facts: TokenFacts
    masked: Sensitive[object]


CaptureResult = Captured | TokenvaultError


class Capturer:
    """Turns values of pages into tokens, for the client that began the session."""

    def __init__(self, *, tokenizer: Tokenizer, requests: Requests, spent: BudgetStore, clock: Clock) -> None:
        self._tokenizer, self._requests, self._spent, self._clock = tokenizer, requests, spent, clock

    def capture(
        self,
        caller: Caller,
        items: Sequence[ValueItem | InvalidValue],
        request_id: str,
        body: Sensitive[bytes],
    ) -> list[CaptureResult]:
        """A token and a mask for each value, or the error of that item, in order.

        A request of which nothing is accepted uses nothing up, so that a mistyped number may be corrected.
        Raises `NotPermitted`, `BatchTooLarge`, `CaptureSessionUsed`, `BudgetExceeded` (on record),
        `KeyUnavailable` or `StoreUnavailable`. Then the same body, sent again by a `single_use` session, gets
        the tokens that it got or would have got, up to `MAX_LATE` times.
        """
        caller = require_action(caller, "capture")
        session = _session(caller)
        if len(items) > session.max_values:
            raise BatchTooLarge(f"this capture session takes at most {session.max_values} values", "/items")
        taken = [_of_session(item, session) for item in items]
        tried = self._tokenizer.accept(caller, taken, IdempotentRequest(int(self._clock())))
        if not (amount := len(pending(tried))):
            return [_result(item) for item in tried]
        request = self._use(caller, session, amount, body)
        batch = self._tokenizer.accept(caller, taken, request)
        self._tokenizer.store(caller, batch, request, "capture", request_id)
        return [_result(item) for item in batch]

    def _use(
        self, caller: Caller, session: CaptureSession, amount: int, body: Sensitive[bytes]
    ) -> IdempotentRequest:
        """Uses a session up, or so many values of it. Raises `CaptureSessionUsed`."""
        if session.single_use:
            return self._use_once(caller, session, RequestKey(session.session_id, body))
        if not self._spent.spend(_spending(session, "captured_values", amount, session.max_values)):
            raise CaptureSessionUsed("this is more than is left of the capture session's values")
        return self._requests.open(caller, None)

    def _use_once(self, caller: Caller, session: CaptureSession, key: RequestKey) -> IdempotentRequest:
        """The id of the capture session is the key of its one request, among keys that no client can have."""
        try:
            request = self._requests.open(caller, key)
        except IdempotencyConflict:
            request = None
        is_late = request is None or request.is_replay
        if is_late and not self._spent.spend(_spending(session, "late_captures", 1, MAX_LATE)):
            raise CaptureSessionUsed("this capture session was used, and tried too often since")
        if request is None:
            raise CaptureSessionUsed("this capture session took in other values already")
        return request


def _session(caller: Caller) -> CaptureSession:
    if caller.session is None:
        raise AssertionError("a page captures by a session, and its caller has none")
    return caller.session


def _spending(session: CaptureSession, kind: BudgetKind, amount: int, most: int) -> Spending:
    """What is counted of a capture session, for all its time."""
    named = session.tenant, session.client
    return Spending(*named, kind, session.expires, amount, most, session=session.session_id)


def _of_session(item: ValueItem | InvalidValue, session: CaptureSession) -> TokenizeItem | InvalidValue:
    """The item with what the session says of it. The back end gets the token from the page, which may hand it
    any that it knows: by the mark among the token's facts the back end tells that it is of its session."""
    if isinstance(item, InvalidValue):
        return item
    return TokenizeItem(item.type, item.value, session.subject, metadata={SESSION_MARK: session.session_id})


def _result(item: BatchItem) -> CaptureResult:
    """A card's fingerprint is for the client alone: with it, a page could compare cards."""
    result = answer(item)
    if isinstance(result, TokenvaultError):
        return result
    masked = item.draft.type.format.mask(item.draft.value.reveal())
    return Captured(replace(result, card=replace(result.card, fingerprint=None)), Sensitive(masked))
