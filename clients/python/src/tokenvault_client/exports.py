"""Exports as the API has them: asking for approval of one, beginning it, and its pages, all sealed."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from tokenvault_client import answers, approvals, results
from tokenvault_client.calls import Call
from tokenvault_client.operations import One
from tokenvault_client.sending import json_bytes

_ACTION = frozenset({"export"})
Result = TypeVar("Result")


@dataclass(frozen=True)
class BegunExport:
    """An export that was begun. Its pages can be had until `expires_at`.

    `opening` is what each file begins with, `cursors` what the first page of each part is asked for with, and
    `cursor` the first of them. `recipient_sha256` is the fingerprint of the key that it is sealed to.
    """

    export_id: str
    opening: str = field(repr=False)
    cursor: str = field(repr=False)
    types: tuple[str, ...]
    recipient_sha256: str
    expires_at: datetime
    cursors: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class ExportPage:
    """A page, sealed to the recipient. `tokens` and `failed` count what is in the file with it.

    `walked` is how much of its part of the vault was walked, from 0 to 1. The last one has a `receipt` and no
    `cursor`.
    """

    number: int
    sealed: bytes = field(repr=False)
    tokens: int
    failed: int
    walked: float
    cursor: str | None = field(repr=False)
    receipt: str | None = field(repr=False)


class Send(Protocol):
    """Has a client make a request: it answers the result, or what has to be awaited for it."""

    def __call__(self, operation: One[Any], timeout: float | None) -> Any: ...


Asked_co = TypeVar("Asked_co", covariant=True)
Begun_co = TypeVar("Begun_co", covariant=True)
Page_co = TypeVar("Page_co", covariant=True)


class Exports(Generic[Asked_co, Begun_co, Page_co]):
    """What `exports` of a client offers. All methods raise as those of the client do.

    An export is known in the Region where it was begun, so none of these calls goes to another. `recipient`
    is a P-256 public key in PEM; `types` of None are all that the client may use and that may be kept.
    """

    def __init__(self, send: Send) -> None:
        self._send = send

    def ask(
        self,
        recipient: str,
        *,
        purpose: str,
        types: Iterable[str] | None = None,
        timeout: float | None = None,
    ) -> Asked_co:
        """Asks for the approval of exactly this export. Sent again, there is another one."""
        asked: Asked_co = self._sent(
            "/approvals", _terms(recipient, purpose, types), approvals.parsed, timeout
        )
        return asked

    def begin(
        self,
        recipient: str,
        *,
        purpose: str,
        types: Iterable[str] | None = None,
        approval: str | None = None,
        parts: int = 1,
        timeout: float | None = None,
    ) -> Begun_co:
        """Begins an export, and uses the approval up: where the answer is lost, another one has to be asked
        for. The pages of its `parts` (1, 2, 4, 8 or 16) can be had side by side, for a file each."""
        terms = _terms(recipient, purpose, types) | results.given(approval=approval)
        terms |= {} if parts == 1 else {"parts": parts}
        begun: Begun_co = self._sent("", terms, begun_of, timeout)
        return begun

    def page(self, opening: str, cursor: str, *, timeout: float | None = None) -> Page_co:
        """The page that a cursor stands before, on record. Sent again, there is another copy of it: a file
        goes on with the cursor of the copy that it holds."""
        page: Page_co = self._sent("/pages", {"opening": opening, "cursor": cursor}, page_of, timeout)
        return page

    def _sent(
        self, path: str, body: Mapping[str, Any], parse: answers.Parse[Any], timeout: float | None
    ) -> Any:
        call = Call("POST", f"/v1/exports{path}", _ACTION, json_bytes(body), stays=True)
        return self._send(One(call, lambda answer: answers.parsed(parse, answer)), timeout)


def _terms(recipient: str, purpose: str, types: Iterable[str] | None) -> dict[str, Any]:
    named = {} if types is None else {"types": list(types)}
    return {"recipient": recipient, "purpose": purpose, **named}


def begun_of(body: Mapping[str, Any]) -> BegunExport:
    """From the answer to a beginning."""
    return BegunExport(
        export_id=body["export_id"],
        opening=body["opening"],
        cursor=body["cursor"],
        types=tuple(body["types"]),
        recipient_sha256=body["recipient_sha256"],
        expires_at=datetime.fromisoformat(body["expires_at"]),
        cursors=tuple(body.get("cursors", [body["cursor"]])),  # a service of before has no parts
    )


def page_of(body: Mapping[str, Any]) -> ExportPage:
    """From the answer with a page."""
    return ExportPage(
        number=body["number"],
        sealed=base64.b64decode(body["sealed"], validate=True),
        tokens=body["tokens"],
        failed=body["failed"],
        walked=body["walked"],
        cursor=body["cursor"],
        receipt=body["receipt"],
    )
