"""What a call does, from its access token to an answer or an error, over whatever I/O it is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from tokenvault_client import answers, operations, problems
from tokenvault_client.access_tokens import AccessToken
from tokenvault_client.calls import Call
from tokenvault_client.deadlines import CallTime, Deadline
from tokenvault_client.held_tokens import HeldTokens
from tokenvault_client.http import Response, Send
from tokenvault_client.operations import Many, One
from tokenvault_client.results import ItemError, SubjectTokens
from tokenvault_client.retries import Pause, Retries, never
from tokenvault_client.version import USER_AGENT

Result = TypeVar("Result")

_ACCEPT: Final = "application/json, application/problem+json"


@dataclass(frozen=True)
class Region:
    """The service as it is reached in a Region, with the access tokens for it."""

    api_key: str = field(repr=False)
    send: Send
    access_tokens: HeldTokens

    async def sent(self, call: Call, access_token: AccessToken, seconds: float) -> Response:
        """The answer to a request. Raises `ConnectionFailed`."""
        headers = _headers(call, self.api_key, access_token)
        return await self.send(call.method, call.path, headers, call.body, seconds)


class Caller:
    """Carries out calls. What it awaits is the I/O that it was made with, and nothing else."""

    def __init__(self, region: Region, retries: Retries, pause: Pause) -> None:
        self._region, self._retries, self._pause = region, retries, pause

    async def one(self, operation: One[Result], deadline: Deadline) -> Result:
        """What the answer to a single request means."""
        return operation.parse(await self._answer(operation.call, deadline))

    async def batch(
        self, operation: Many[Result], name: str, batch: Sequence[bytes], deadline: Deadline
    ) -> list[Result | ItemError]:
        """The results of a batch, one for each item."""
        answer = await self._answer(operation.call(name, batch), deadline)
        return answers.aligned(operation.parse, answer, len(batch))

    async def subject_tokens(self, subject: str, time: CallTime) -> SubjectTokens:
        """All pages of a subject, as one."""
        asked, pages = operations.subject_tokens(subject), list[SubjectTokens]()
        while True:
            page, cursor = await self.one(asked, time.request())
            pages.append(page)
            if cursor is None:
                return SubjectTokens.joined(pages)
            asked = replace(asked, call=replace(asked.call, cursor=cursor))

    async def _answer(self, call: Call, deadline: Deadline) -> Response:
        """The answer to a call, a success."""
        answer = await self._retries.run(
            lambda seconds: self._sent(call, deadline),
            self._pause,
            deadline,
            # Under its key a request may go out whole once more, although some of its items succeeded.
            answers.has_retryable if call.idempotency_key else never,
        )
        if not 200 <= answer.status < 300:
            raise problems.error(answer)
        return answer

    async def _sent(self, call: Call, deadline: Deadline) -> Response:
        """An attempt; once more with a new access token if the first is refused."""
        region = self._region
        access_token = await region.access_tokens.get(call.actions, deadline)
        answer = await region.sent(call, access_token, self._retries.seconds(deadline))
        if answer.status == 401:
            await region.access_tokens.forget(access_token, deadline)
            access_token = await region.access_tokens.get(call.actions, deadline)
            answer = await region.sent(call, access_token, self._retries.seconds(deadline))
        return answer


def _headers(call: Call, api_key: str, access_token: AccessToken) -> Mapping[str, str]:
    return {
        "Authorization": f"Bearer {access_token.text}",
        "x-api-key": api_key,
        "User-Agent": USER_AGENT,
        "Accept": _ACCEPT,
        **({"Content-Type": "application/json"} if call.body is not None else {}),
        **({"Idempotency-Key": call.idempotency_key} if call.idempotency_key else {}),
        **({"Page-Cursor": call.cursor} if call.cursor else {}),
    }
