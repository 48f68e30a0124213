"""Capture sessions: begun by a client, and verified when a page comes with one.

Nothing is stored of a session. Its MAC is made by KMS with the vault's HMAC key, so that it holds in each
Region that serves, and whoever once read a function's memory makes none (ADR 18).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.constant_time import bytes_eq

from chalicelib.auth import capture_sessions as written
from chalicelib.auth.permissions import require_action, require_type
from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller, CaptureSession
from chalicelib.crypto.prf import GenerateMac, session_mac_message
from chalicelib.errors import (
    CaptureSessionExpired,
    CaptureSessionInvalid,
    InvalidRequest,
    NotPermitted,
    WrongOrigin,
)
from chalicelib.service.subject_ids import new_subject
from chalicelib.sources import Clock, RandomBytes

_ID_BYTES: Final = 16
_INVALID: Final = "the Authorization header must be `Capture` and a capture session of this vault"


@dataclass(frozen=True)
class SessionTerms:
    """What a client asks of a new session. `origin` is the page's (RFC 6454), `ttl_seconds` its time."""

    types: tuple[str, ...]
    origin: str
    max_values: int
    ttl_seconds: int
    single_use: bool
    subject: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class OpenedSession:
    """A new session as a page carries it, until when (a Unix time) it is taken, and its id, no secret."""

    text: str = field(repr=False)
    expires: int
    session_id: str


class CaptureSessions:
    """Makes capture sessions, and says whose they are."""

    def __init__(
        self,
        *,
        policy: Policy,
        vault_id: str,
        generate_mac: GenerateMac,
        is_allowed_origin: Callable[[str], bool],
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._policy, self._vault_id, self._generate_mac = policy, vault_id, generate_mac
        self._is_allowed_origin, self._clock, self._random_bytes = is_allowed_origin, clock, random_bytes

    def open(self, caller: Caller, terms: SessionTerms) -> OpenedSession:
        """A new session of a client.

        Raises `NotPermitted`, `InvalidRequest` for an origin that may not be, `InvalidValue` for a subject
        that is none, or `KeyUnavailable`.
        """
        caller = require_action(caller, "capture")
        for name in terms.types:
            require_type(caller, name)
        if not self._is_allowed_origin(terms.origin):
            raise InvalidRequest(
                "origin: as browsers write it (https://shop.example), and one of the stack's allowed_origins "
                "where it has any",
                "/origin",
            )
        session = CaptureSession(
            session_id=written.base64url(self._random_bytes(_ID_BYTES)),
            tenant=caller.tenant,
            client=caller.client,
            types=tuple(dict.fromkeys(terms.types)),
            origin=terms.origin,
            max_values=terms.max_values,
            single_use=terms.single_use,
            subject=None if terms.subject is None else new_subject(terms.subject),
            expires=int(self._clock()) + terms.ttl_seconds,
        )
        payload = written.payload(session)
        text = written.text(payload, self._mac(payload))
        return OpenedSession(text, session.expires, session.session_id)

    def caller(self, text: str | None, origin: str | None) -> Caller:
        """The client that a page acts for, with no more than its session and the policy both allow.

        `origin` is the request's `Origin` header: a browser sets it, and no page can set another. Raises
        `CaptureSessionInvalid`, `CaptureSessionExpired`, `WrongOrigin`, `NotPermitted` where the policy no
        longer has the client, or `KeyUnavailable`.
        """
        session = self._verified(text)
        if self._clock() >= session.expires:
            raise CaptureSessionExpired("the time of this capture session is up")
        if origin != session.origin:
            raise WrongOrigin("this capture session is for the pages of another origin (Origin header)")
        client = self._policy.client(session.tenant, session.client)
        if client is None:
            raise NotPermitted("the policy does not know this client")
        return Caller(
            tenant=client.tenant,
            client=client.name,
            actions=client.actions & {"capture"},
            types=client.types & set(session.types),
            purposes=frozenset(),
            budgets=client.budgets,
            session=session,
        )

    def _verified(self, text: str | None) -> CaptureSession:
        parts = written.parts(text or "")
        if parts is None or not bytes_eq(parts[1], self._mac(parts[0])):
            raise CaptureSessionInvalid(_INVALID)
        session = written.session(parts[0])
        if session is None:
            raise CaptureSessionInvalid(_INVALID)
        return session

    def _mac(self, payload: bytes) -> bytes:
        return self._generate_mac(session_mac_message(self._vault_id, payload))
