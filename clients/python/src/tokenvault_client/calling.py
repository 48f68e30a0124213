"""What a call does, from its request to a result or an error, over whatever I/O it is given."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from tokenvault_client import answers, operations, problems
from tokenvault_client.calls import Call
from tokenvault_client.deadlines import CallTime, Deadline
from tokenvault_client.http import Response
from tokenvault_client.operations import Many, One
from tokenvault_client.regions import Places, Route
from tokenvault_client.results import ItemError, SubjectTokens
from tokenvault_client.retries import Pause, Retries, never

Result = TypeVar("Result")


class Caller:
    """Carries out calls. What it awaits is the I/O that it was made with, and nothing else."""

    def __init__(self, places: Places, retries: Retries, pause: Pause) -> None:
        self._places, self._retries, self._pause = places, retries, pause

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
        route = Route(self._places, call)
        answer = await self._retries.run(
            lambda seconds: route.sent(deadline),
            self._pause,
            deadline,
            # Under its key a request may go out whole once more, although some of its items succeeded.
            answers.has_retryable if call.idempotency_key else never,
        )
        if not 200 <= answer.status < 300:
            raise problems.error(answer)
        return answer
