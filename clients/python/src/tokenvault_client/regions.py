"""A call in one Region, or in the next one where the first does not serve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tokenvault_client.access_tokens import AccessToken, AccessTokenSource
from tokenvault_client.calls import Call
from tokenvault_client.deadlines import Deadline
from tokenvault_client.errors import Unavailable
from tokenvault_client.failover import FAIR_SECONDS, FailoverTokenize, Preference, may_move, mends
from tokenvault_client.http import ConnectionFailed, NoAccessToken, Response, Send
from tokenvault_client.retries import Retries
from tokenvault_client.version import USER_AGENT

_ACCEPT: Final = "application/json, application/problem+json"

_TOKENIZE: Final = "/v1/tokenize"
_HEALTH_SECONDS: Final = 2.0
"""How long a Region that failed before is waited for, to say that it is there again."""


@dataclass(frozen=True)
class Region:
    """The service as it is reached in a Region, with the access tokens for it; people have no API key."""

    api_key: str | None = field(repr=False)
    send: Send
    access_tokens: AccessTokenSource

    async def answer(self, call: Call, limit: Deadline, retries: Retries) -> Response:
        """The answer to a call; once more with a new access token if the first is refused.

        Raises `ConnectionFailed`, and what `AccessTokenSource.get` raises.
        """
        access_token = await self.access_tokens.get(call.actions, limit)
        answer = await self._sent(call, access_token, retries.seconds(limit))
        if answer.status == 401:
            await self.access_tokens.forget(access_token, limit)
            access_token = await self.access_tokens.get(call.actions, limit)
            answer = await self._sent(call, access_token, retries.seconds(limit))
        return answer

    async def is_there(self, seconds: float) -> bool:
        """Whether it says that it serves. That touches none of its tables."""
        try:
            answer = await self.send("GET", "/v1/health", {"User-Agent": USER_AGENT}, None, seconds)
        except ConnectionFailed:
            return False
        return answer.status == 200

    async def _sent(self, call: Call, access_token: AccessToken, seconds: float) -> Response:
        headers = _headers(call, self.api_key, access_token)
        return await self.send(call.method, call.path, headers, call.body, seconds)


class Places:
    """The Regions in the order of the settings, and which of them a call may be sent to."""

    def __init__(
        self,
        regions: Sequence[Region],
        retries: Retries,
        preference: Preference,
        tokenize: FailoverTokenize,
    ) -> None:
        self._regions, self._retries = regions, retries
        self._preference, self._tokenize = preference, tokenize

    async def order(self, call: Call, deadline: Deadline) -> list[int]:
        """The places for a call; of one that failed a while ago, whether it is there again, is asked here."""
        moves = not call.stays or (self._tokenize == "always" and call.path == _TOKENIZE)
        if len(self._regions) == 1 or not moves:
            return [0]
        rested, order = self._preference.to_try(), self._preference.order()
        seconds = min(_HEALTH_SECONDS, deadline.left() / 2)
        if rested is None or not await self._regions[rested].is_there(seconds):
            return order
        return [rested, *(place for place in order if place != rested)]

    async def outcome(self, place: int, call: Call, limit: Deadline) -> Response | ConnectionFailed:
        """What becomes of a call in a place. Raises errors of access tokens that another place has too."""
        region, seconds = self._regions[place], limit.left()
        outcome: Response | ConnectionFailed
        try:
            outcome = await region.answer(call, limit, self._retries)
        except ConnectionFailed as error:
            outcome = error
        except Unavailable as error:
            if len(self._regions) == 1:
                raise
            outcome = NoAccessToken(error)
        if not mends(outcome):
            self._preference.answered(place)
        elif seconds >= FAIR_SECONDS:
            self._preference.failed(place)
        return outcome

    def goes_on(self, call: Call, outcome: Response | ConnectionFailed) -> bool:
        """Whether the next place is worth a try."""
        return mends(outcome) and may_move(call, outcome, self._tokenize)

    def limit(self, deadline: Deadline, places: int) -> Deadline:
        """The time for one place, if so many are left to try."""
        if places == 1:
            return deadline
        return deadline.within(min(self._retries.attempt_seconds, deadline.left() / places))


class Route:
    """The way of one call. It stays in a place from the moment in which that may have made tokens for it."""

    def __init__(self, places: Places, call: Call) -> None:
        self._places, self._call = places, call
        self._stays_in: int | None = None

    async def sent(self, deadline: Deadline) -> Response:
        """An attempt, in one place after the other until one answers. Raises `ConnectionFailed`."""
        places = await self._left(deadline)
        for number, place in enumerate(places):
            limit = self._places.limit(deadline, len(places) - number)
            outcome = await self._places.outcome(place, self._call, limit)
            if not self._places.goes_on(self._call, outcome):
                self._settle(place, outcome)
                break
        if isinstance(outcome, ConnectionFailed):
            raise outcome
        return outcome

    async def _left(self, deadline: Deadline) -> list[int]:
        if self._stays_in is not None:
            return [self._stays_in]
        return await self._places.order(self._call, deadline)

    def _settle(self, place: int, outcome: Response | ConnectionFailed) -> None:
        """Also after a success: some of its items may have failed, and the others have their tokens there."""
        refused = isinstance(outcome, Response) and 400 <= outcome.status < 500
        if self._call.idempotency_key is not None and not refused:
            self._stays_in = place


def _headers(call: Call, api_key: str | None, access_token: AccessToken) -> Mapping[str, str]:
    return {
        "Authorization": f"Bearer {access_token.text}",
        "User-Agent": USER_AGENT,
        "Accept": _ACCEPT,
        **({} if api_key is None else {"x-api-key": api_key}),
        **({"Content-Type": "application/json"} if call.body is not None else {}),
        **({"Idempotency-Key": call.idempotency_key} if call.idempotency_key else {}),
        **({"Page-Cursor": call.cursor} if call.cursor else {}),
    }
