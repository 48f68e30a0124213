"""Access tokens by client credentials (RFC 6749, 4.4): one a side, kept, and renewed in time."""

import base64
import binascii
import contextlib
import re
import threading
import time
import urllib.parse
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from tokenvault_client import forks
from tokenvault_client.deadlines import Clock, Deadline
from tokenvault_client.errors import NotPermitted, Unauthenticated, Unavailable
from tokenvault_client.http import Response, Transport
from tokenvault_client.parsing import load_json
from tokenvault_client.retries import Retries
from tokenvault_client.settings import HEADER_TEXT, Settings
from tokenvault_client.token_cache import LONGEST_SECONDS, CachedToken, TokenCache

REVEALING: Final = frozenset({"detokenize", "detokenize.masked", "subjects.read", "erase"})
"""Actions of the revealing side. The tokenizing function refuses an access token with a scope for any of
them: an attacker in that function could replay it against the revealing one."""

TOKENIZING: Final = frozenset({"tokenize", "search", "read"})

ANY: Final = REVEALING | TOKENIZING

EARLY_SECONDS: Final = 60
"""An access token is renewed so long before it expires, so that none expires on the way."""

_CODE: Final = re.compile(r"[a-z_]{1,64}")
"""As all registered codes are. What an endpoint sends in the place of one may be anything, a secret too."""


@dataclass(frozen=True)
class AccessToken:
    """An access token, its scopes, and until when (by the clock of `AccessTokens`) it is used."""

    text: str = field(repr=False)
    scopes: frozenset[str]
    use_until: float

    def actions(self) -> frozenset[str]:
        """What its scopes allow: `vault/tokenize` allows `tokenize`."""
        return frozenset(_action(scope) for scope in self.scopes)


class AccessTokenSource(Protocol):
    """Has the access token for an action, of a service or of a person; see `AccessTokens`."""

    def get(self, actions: Set[str], deadline: Deadline) -> AccessToken: ...

    def forget(self, refused: AccessToken) -> None: ...


class AccessTokens:
    """Has the access token for an action. Threads that need one at the same time wait for one request.

    What the client may do it learns from an access token with all its scopes. If these lie on one side
    only, as they do for most clients, that is the one to use. If they lie on both, it is never sent to
    the API, and each side gets one of its own. With a cache, processes share what one of them asked for.
    """

    def __init__(
        self,
        settings: Settings,
        transport: Transport,
        retries: Retries,
        clock: Clock = time.monotonic,
        cache: TokenCache | None = None,
    ) -> None:
        self._settings, self._transport, self._retries, self._clock = settings, transport, retries, clock
        self._cache = cache
        self._lock = threading.Lock()
        self._held: dict[frozenset[str], AccessToken] = {}
        forks.watch(self)

    def get(self, actions: Set[str], deadline: Deadline) -> AccessToken:
        """An access token that allows any of these actions, all of one side.

        Raises `NotPermitted` if the client has no scope for any, `Unauthenticated`, or `Unavailable` if
        there was none before the deadline.
        """
        with self._alone(deadline):
            everything = self._of(frozenset(), deadline)
            allowed = everything.actions() & actions
            if not allowed:
                names = " or ".join(sorted(actions))
                raise NotPermitted.of(
                    "not_permitted", f"this client has no scope for {names}; nothing was sent"
                )
            side = REVEALING if allowed & REVEALING else TOKENIZING
            scopes = frozenset(scope for scope in everything.scopes if _action(scope) in side)
            return everything if scopes == everything.scopes else self._of(scopes, deadline)

    def forget(self, refused: AccessToken) -> None:
        """Drops an access token that the API refused, unless another thread has renewed it already."""
        with self._lock:
            if refused in self._held.values():
                if self._cache is not None:
                    self._cache.remove({held.text for held in self._held.values()})
                self._held.clear()

    def after_fork(self) -> None:
        """A thread of the parent may have held the lock, and would never let go of it here."""
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def _alone(self, deadline: Deadline) -> Iterator[None]:
        if not self._lock.acquire(timeout=deadline.left()):
            raise Unavailable.of("token_endpoint_unavailable", "no access token was to be had in time")
        try:
            yield
        finally:
            self._lock.release()

    def _of(self, scopes: frozenset[str], deadline: Deadline) -> AccessToken:
        """The access token with these scopes; with all that the client has if none is named."""
        held = self._held.get(scopes)
        if held is None or held.use_until <= self._clock():
            held = self._held[scopes] = self._shared(scopes, deadline)
        return held

    def _shared(self, scopes: frozenset[str], deadline: Deadline) -> AccessToken:
        """An access token that another process asked for, or one that others may use from now on."""
        if self._cache is None:
            return self._used(self._asked(scopes, deadline))
        found = self._cache.read(scopes)
        if found is None:
            with self._cache.locked(deadline):
                found = self._cache.read(scopes)
                if found is None:
                    found = self._asked(scopes, deadline)
                    self._cache.write(scopes, found)
        return self._used(found)

    def _used(self, token: CachedToken) -> AccessToken:
        return AccessToken(token.text, token.scopes, self._clock() + token.seconds)

    def _asked(self, scopes: frozenset[str], deadline: Deadline) -> CachedToken:
        asked_at = self._clock()
        form = {"grant_type": "client_credentials", **({"scope": " ".join(sorted(scopes))} if scopes else {})}
        body = urllib.parse.urlencode(form).encode()
        headers = {"Authorization": self._basic(), "Content-Type": "application/x-www-form-urlencoded"}
        answer = self._retries.run(
            lambda seconds: self._transport.send("POST", "", headers, body, seconds), deadline
        )
        if answer.status != 200:
            raise refusal(answer)
        text, lifetime, scopes_granted = granted(answer.body)
        # A short one is used for at least half of its life.
        used_for = max(lifetime - EARLY_SECONDS, lifetime / 2)
        return CachedToken(text, scopes_granted, used_for - (self._clock() - asked_at))

    def _basic(self) -> str:
        """The client's credentials as Cognito takes them: unlike RFC 6749 (2.3.1) not percent-encoded.

        https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
        """
        pair = f"{self._settings.client_id}:{self._settings.client_secret}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _action(scope: str) -> str:
    return scope.rpartition("/")[2]


def refusal(answer: Response) -> Unauthenticated | Unavailable:
    """The error of a token endpoint; only its code is repeated (RFC 6749, 5.2)."""
    if answer.status >= 500 or answer.status == 429:
        return Unavailable.of("token_endpoint_unavailable", f"the token endpoint answered {answer.status}")
    code = json_object(answer.body).get("error")
    known = code if isinstance(code, str) and _CODE.fullmatch(code) else f"status {answer.status}"
    return Unauthenticated.of("no_access_token", f"the token endpoint gave no access token: {known}")


def granted(raw: bytes) -> tuple[str, float, frozenset[str]]:
    """The access token in an answer, its lifetime in seconds, and its scopes. Raises `Unauthenticated`."""
    body = json_object(raw)
    text, lifetime = body.get("access_token"), body.get("expires_in")
    if not (isinstance(text, str) and HEADER_TEXT.fullmatch(text) and isinstance(lifetime, int)):
        raise Unauthenticated.of("no_access_token", "the token endpoint's answer holds no access token")
    scope = body.get("scope") or claims(text).get("scope")
    return text, max(0, min(lifetime, LONGEST_SECONDS)), frozenset(str(scope or "").split())


def claims(token: str) -> Mapping[str, Any]:
    """What a Cognito access token says of itself. Not verified: only the API needs to trust it."""
    _, _, rest = token.partition(".")
    payload = rest.partition(".")[0]
    try:
        return json_object(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except binascii.Error:
        return {}


def json_object(raw: bytes) -> Mapping[str, Any]:
    """The object in an answer, empty if it is none."""
    try:
        parsed = load_json(raw)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
