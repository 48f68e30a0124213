"""The access tokens of whoever signed in, renewed in time."""

import time
from collections.abc import Set

from tokenvault_client.access_tokens import REVEALING, AccessToken, action_of
from tokenvault_client.deadlines import Deadline
from tokenvault_client.errors import NotPermitted, Unauthenticated, Unavailable
from tokenvault_client.people.endpoint import Endpoint
from tokenvault_client.people.store import SignIn, Store


class PersonTokens:
    """Has the access token for an action, as `HeldTokens` has it for a service."""

    def __init__(self, store: Store, endpoint: Endpoint) -> None:
        self._store, self._endpoint = store, endpoint
        self._refused: set[str] = set()

    async def get(self, actions: Set[str], deadline: Deadline) -> AccessToken:
        """An access token that allows any of these actions.

        One with a scope that reveals never goes to the tokenizing side. Raises `NotPermitted` if there is no
        scope for any, `Unauthenticated` if nobody is signed in any more, or `Unavailable`.
        """
        asking = self._endpoint.asking
        try:
            async with asking.turns.alone(deadline), self._store.locked(deadline, asking.pause):
                return await self._for(actions, deadline)
        except TimeoutError:
            raise Unavailable.of(
                "token_endpoint_unavailable", "no access token was to be had in time"
            ) from None

    async def forget(self, refused: AccessToken, deadline: Deadline) -> None:
        """Asks for another one the next time."""
        self._refused.add(refused.text)

    async def _for(self, actions: Set[str], deadline: Deadline) -> AccessToken:
        kept = self._store.read()
        if not kept:
            raise Unauthenticated.of("not_signed_in", "nobody is signed in: tokenvault login")
        fitting = [one for one in kept if _fits(one, actions)]
        if not fitting:
            names = " or ".join(sorted(actions))
            raise NotPermitted.of(
                "not_permitted",
                f"nobody signed in for {names} here; nothing was sent, so nothing is on record",
            )
        return self._token(await self._current(fitting[0], kept, deadline))

    async def _current(self, chosen: SignIn, kept: list[SignIn], deadline: Deadline) -> SignIn:
        if chosen.use_until > time.time() and chosen.access_token not in self._refused:
            return chosen
        try:
            renewed = SignIn.of(await self._endpoint.refresh(chosen.refresh_token, deadline))
        except Unauthenticated:
            self._store.write([one for one in kept if one is not chosen])
            raise Unauthenticated.of("not_signed_in", "the sign-in has ended: tokenvault login") from None
        self._store.write([renewed if one is chosen else one for one in kept])
        return renewed

    def _token(self, current: SignIn) -> AccessToken:
        left = time.monotonic() + current.use_until - time.time()
        return AccessToken(current.access_token, frozenset(current.scopes), left)


def _fits(sign_in: SignIn, actions: Set[str]) -> bool:
    allowed = {action_of(scope) for scope in sign_in.scopes}
    wanted = allowed & actions
    return bool(wanted) and (bool(wanted & REVEALING) or not allowed & REVEALING)
