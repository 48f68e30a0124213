"""The client: one method a route."""

from collections.abc import Iterable, Sequence
from typing import Self, TypeVar

from tokenvault_client import batches, capturing, operations
from tokenvault_client.approvals import Approval, Approvals
from tokenvault_client.blocking import at_once, finished
from tokenvault_client.capturing import CaptureSession
from tokenvault_client.client_base import TIMEOUT_SECONDS, ClientBase, Io
from tokenvault_client.exports import BegunExport, ExportPage, Exports
from tokenvault_client.http import HttpTransport, Send
from tokenvault_client.operations import Many, One
from tokenvault_client.results import (
    DetokenizeResult,
    Field,
    ImportItem,
    InfoType,
    ItemError,
    Reveal,
    SearchItem,
    SignedReceipt,
    SubjectTokens,
    TokenFacts,
    TokenizeItem,
    TokenizeResult,
)
from tokenvault_client.turns import ThreadTurns

__all__ = ["TIMEOUT_SECONDS", "Client"]

Result = TypeVar("Result")


class Client(ClientBase):
    """A client of a tokenvault service. Safe to use from several threads at once and after a fork.

    Every call may be sent more than once, and none does harm by it: tokenizing goes under an
    `Idempotency-Key`, the others change nothing or the same once more.

    All methods raise `Refused` (and what is under it) if the service refused the request as a whole, and
    `Unavailable` if it did not answer, retries included. Methods that take many items report the failure
    of a single item as an `ItemError` in its place.

    `timeout_seconds` is how long a request takes at most: its access token, its attempts and the waits
    between them. A method with more than a hundred items makes several requests; each has this time for
    itself, and none is begun after one has failed. `parallel` is how many of them go out at the same time.
    The `timeout` of a method, in seconds too, replaces `timeout_seconds` for that call, and is for the whole
    of it, however many requests it takes.

    `ssl_context` replaces the one that the settings' client certificate makes. `access_tokens` are those of a
    person who signed in, for settings that say so.
    """

    def _start(self) -> None:
        self._transports: list[HttpTransport] = []
        self._caller = self._caller_over(Io(self._connect, at_once(self._retries.sleep), ThreadTurns))
        self.approvals: Approvals[Approval] = Approvals(self._one)
        self.exports: Exports[Approval, BegunExport, ExportPage] = Exports(self._one)

    def tokenize(
        self,
        items: Iterable[TokenizeItem],
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> list[TokenizeResult]:
        """A token for each value, in order.

        A request is sent again, whole and under the same key, also if only some of its items met a
        failure that passes: the others keep their tokens. To have the same random tokens after a crash of
        your process, give a key (22 to 112 of A-Z a-z 0-9 _ -, at least 128 bits of it random) that was
        stored before, with the same items in the same order.
        """
        return self._many(operations.tokenize(items, idempotency_key), timeout)

    def import_tokens(
        self,
        items: Iterable[ImportItem],
        *,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> list[TokenizeResult]:
        """Each value stored under the token that it has from elsewhere, in order; on record.

        A token that the vault has, or had, is `token_taken`. Sent again under its key, it is answered again.
        """
        return self._many(operations.import_tokens(items, idempotency_key), timeout)

    def detokenize(
        self,
        tokens: Iterable[str],
        *,
        purpose: str | None = None,
        reveal: Reveal = "full",
        on_behalf_of: str | None = None,
        assertion: str | None = None,
        fields: Sequence[Field] | None = None,
        approval: str | None = None,
        timeout: float | None = None,
    ) -> list[DetokenizeResult]:
        """The value of each token, or its mask, in order. Each is on record, also when asked for again.

        `on_behalf_of` says for whom this client asks, where the policy takes its word; it is on record too.
        `assertion` says so by a signed JWT of this service's identity provider, and is verified.
        `fields`, of values that are objects as cards are, leaves all others out: `["expiry"]`.
        `approval` is the id of an approval of exactly these tokens (`approvals`). It is used once: where the
        answer was lost on the way, the retry is a `Conflict`, and another one has to be asked for.
        """
        asked = operations.detokenize(
            tokens,
            purpose,
            reveal,
            on_behalf_of,
            assertion=assertion,
            fields=fields,
            approval=approval,
        )
        return self._many(asked, timeout)

    def capture_session(
        self,
        *,
        types: Iterable[str],
        origin: str,
        max_values: int = 1,
        ttl_seconds: int = 600,
        single_use: bool = True,
        subject: str | None = None,
        timeout: float | None = None,
    ) -> CaptureSession:
        """A session by which a page of `origin` hands values of these types in, straight into the vault.

        At most `max_values` of them, within `ttl_seconds` (30 to 3600), and by one request if `single_use`;
        they belong to `subject`, if there is one. Nothing is stored of a session that no page uses.
        """
        asked = capturing.capture_session(
            types,
            origin,
            max_values=max_values,
            ttl_seconds=ttl_seconds,
            single_use=single_use,
            subject=subject,
        )
        return self._one(asked, timeout)

    def search(self, items: Iterable[SearchItem], *, timeout: float | None = None) -> list[TokenizeResult]:
        """The token that each value has, in order. Deterministic types only; creates nothing."""
        return self._many(operations.search(items), timeout)

    def facts(self, token: str, *, timeout: float | None = None) -> TokenFacts:
        """Type, times and metadata of a token, never its value. Raises `NotFound`."""
        return self._one(operations.facts(token), timeout)

    def erase_token(self, token: str, *, timeout: float | None = None) -> None:
        """Erases a token for good. One that is unknown or erased already is no error."""
        return self._one(operations.erase_token(token), timeout)

    def subject_tokens(self, subject: str, *, timeout: float | None = None) -> SubjectTokens:
        """Tokens, types and times of a subject, never values; on record. Changes nothing.

        A request for each hundred tokens. What came in or went while they were read may be missing.
        """
        return finished(self._caller.subject_tokens(subject, self._time(timeout)))

    def erase_subject(self, subject: str, *, timeout: float | None = None) -> SignedReceipt:
        """Erases everything of a subject. Asked again, the receipt says the same."""
        return self._one(operations.erase_subject(subject), timeout)

    def types(self, *, timeout: float | None = None) -> list[InfoType]:
        """The information types that this client may use."""
        return self._one(operations.types(), timeout)

    def close(self) -> None:
        """Closes the connections that are kept."""
        for transport in self._transports:
            transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _connect(self, url: str) -> Send:
        transport = HttpTransport(url, self._timeout, self._context, self._settings.proxy_for(url))
        self._transports.append(transport)
        return at_once(transport.send)

    def _one(self, operation: One[Result], timeout: float | None) -> Result:
        return finished(self._caller.one(operation, self._time(timeout).request()))

    def _many(self, operation: Many[Result], timeout: float | None) -> list[Result | ItemError]:
        time = self._time(timeout)
        return batches.run(
            operation.items,
            lambda name, batch: finished(self._caller.batch(operation, name, batch, time.request())),
            self._parallel,
        )
