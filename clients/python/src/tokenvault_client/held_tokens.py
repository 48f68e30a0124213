"""The access tokens that a client holds: one a side, asked for once however many need it, renewed in time."""

import contextlib
import time
from collections.abc import Set
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from tokenvault_client import granting
from tokenvault_client.access_tokens import REVEALING, TOKENIZING, AccessToken, action_of
from tokenvault_client.deadlines import Clock, Deadline
from tokenvault_client.errors import NotPermitted, Problem, Unauthenticated, Unavailable
from tokenvault_client.http import Send
from tokenvault_client.retries import Pause, Retries
from tokenvault_client.settings import Endpoint
from tokenvault_client.token_cache import CachedToken, TokenCache

Held = dict[frozenset[str], AccessToken]
"""Access tokens by the scopes that were asked for."""


class Turns(Protocol):
    """Lets one at a time in, of all the threads or tasks of a client."""

    def alone(self, deadline: Deadline) -> AbstractAsyncContextManager[None]:
        """Waits for its turn. Raises `TimeoutError` if there is none before the deadline."""
        ...


@dataclass(frozen=True)
class Asking:
    """How an access token is asked for: over what, how patiently, and by whom at a time."""

    send: Send
    pause: Pause
    retries: Retries
    turns: Turns
    clock: Clock = time.monotonic


class HeldTokens:
    """Has the access token for an action. Those who need one at the same time wait for one request.

    What the client may do it learns from an access token with all its scopes. If these lie on one side
    only, as they do for most clients, that is the one to use. If they lie on both, it is never sent to
    the API, and each side gets one of its own. With a cache, processes share what one of them asked for.
    `held` is where they are kept, if that is to outlive this.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        asking: Asking,
        cache: TokenCache | None = None,
        held: Held | None = None,
    ) -> None:
        self._endpoint, self._asking, self._cache = endpoint, asking, cache
        self._held: Held = {} if held is None else held
        self._refused: dict[frozenset[str], tuple[float, Problem]] = {}

    async def get(self, actions: Set[str], deadline: Deadline) -> AccessToken:
        """An access token that allows any of these actions, all of one side.

        Raises `NotPermitted` if the client has no scope for any, `Unauthenticated`, or `Unavailable` if
        there was none before the deadline.
        """
        began = self._asking.clock()
        try:
            async with self._asking.turns.alone(deadline):
                return await self._for(actions, deadline, began)
        except TimeoutError:
            raise Unavailable.of(
                "token_endpoint_unavailable", "no access token was to be had in time"
            ) from None

    async def forget(self, refused: AccessToken, deadline: Deadline) -> None:
        """Drops an access token that the API refused, unless somebody has renewed it already."""
        with contextlib.suppress(TimeoutError):  # `get` will say so
            async with self._asking.turns.alone(deadline):
                if refused in self._held.values():
                    if self._cache is not None:
                        self._cache.remove({held.text for held in self._held.values()})
                    self._held.clear()

    async def _for(self, actions: Set[str], deadline: Deadline, began: float) -> AccessToken:
        everything = await self._of(frozenset(), deadline, began)
        allowed = everything.actions() & actions
        if not allowed:
            names, has = " or ".join(sorted(actions)), ", ".join(sorted(everything.actions()))
            only = f", only for {has}" if has else ""
            said = f"this client has no scope for {names}{only}; nothing was sent, so nothing is on record"
            raise NotPermitted.of("not_permitted", said)
        side = REVEALING if allowed & REVEALING else TOKENIZING
        scopes = frozenset(scope for scope in everything.scopes if action_of(scope) in side)
        return everything if scopes == everything.scopes else await self._of(scopes, deadline, began)

    async def _of(self, scopes: frozenset[str], deadline: Deadline, began: float) -> AccessToken:
        """The access token with these scopes; with all that the client has if none is named."""
        held = self._held.get(scopes)
        if held is None or held.use_until <= self._asking.clock():
            refused = self._refused.get(scopes)
            if refused is not None and refused[0] > began:
                # It came while this one waited: asked again, the answer would be the same.
                raise Unauthenticated(refused[1])
            found = await self._shared(scopes, deadline)
            use_until = self._asking.clock() + found.seconds
            held = self._held[scopes] = AccessToken(found.text, found.scopes, use_until)
        return held

    async def _shared(self, scopes: frozenset[str], deadline: Deadline) -> CachedToken:
        """An access token that another process asked for, or one that others may use from now on."""
        if self._cache is None:
            return await self._asked(scopes, deadline)
        found = self._cache.read(scopes)
        if found is None:
            async with self._cache.locked(deadline, self._asking.pause):
                found = self._cache.read(scopes)
                if found is None:
                    found = await self._asked(scopes, deadline)
                    self._cache.write(scopes, found)
        return found

    async def _asked(self, scopes: frozenset[str], deadline: Deadline) -> CachedToken:
        asking, body, headers = self._asking, granting.form(scopes), granting.headers(self._endpoint)
        asked_at = asking.clock()
        answer = await asking.retries.run(
            lambda seconds: asking.send("POST", "", headers, body, seconds), asking.pause, deadline
        )
        try:
            return granting.granted(answer, took=asking.clock() - asked_at)
        except Unauthenticated as error:
            self._refused[scopes] = (asking.clock(), error.problem)
            raise
