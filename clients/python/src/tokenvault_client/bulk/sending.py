"""Sends chunks, each under a key of its own, until the service has carried them out."""

from collections.abc import Sequence
from typing import Final, Protocol

from tokenvault_client.bulk.pace import Pace, Stopped
from tokenvault_client.errors import ProblemError, Refused, Unavailable
from tokenvault_client.results import ItemError, TokenizeItem, TokenizeResult

_LASTING: Final = "quota_exceeded"
"""The quota of a day: it passes, and not while a run waits."""

_NO_FAULT_OF_A_CELL: Final = frozenset({"store_refused", "key_refused"})
"""What an operator of the service has to mend; a cell that met it is as good as any other."""

_FAULTS_OF_A_TYPE: Final = frozenset({"unknown_type", "not_permitted"})
"""What all cells of a column meet if one does: the policy lacks its type, or the client may not use it."""

_FIRST_PATIENCE: Final = 30.0


class Tokenizing(Protocol):
    """The client, as far as an import needs it; it must not send anything again by itself."""

    def tokenize(
        self, items: Sequence[TokenizeItem], *, idempotency_key: str | None = None
    ) -> list[TokenizeResult]: ...


class Sending:
    """Sends as many requests at once as the pace allows. Safe to use from several threads.

    Gives up once the service has carried out nothing for `patience` seconds; `given_up` then says why.
    """

    def __init__(self, client: Tokenizing, pace: Pace, patience: float) -> None:
        self._client, self._pace, self._longest = client, pace, patience
        self.given_up: ProblemError | None = None

    def send(self, items: Sequence[TokenizeItem], key: str) -> list[TokenizeResult]:
        """The tokens, however often it takes. Always under the same key, so no value gets two.

        Raises `ProblemError` for what does not pass, and for a service that does not come back; `Stopped`.
        """
        if not items:
            return []
        while True:
            with self._pace.turn() as began:
                answer = self._asked(items, key)
                if isinstance(answer, list):
                    self._pace.answered()
                    return answer
                if not answer.retryable or answer.code == _LASTING:
                    raise answer
                asked = answer.problem.retry_after or 0.0
                idle = self._pace.refused(began, asked)
            if idle + asked > self._patience(answer):
                self._give_up(answer)
                raise answer

    def raised(self, stopped: Stopped) -> Exception:
        """What is to be raised where the pace was stopped: what made it so, if that was the service."""
        return stopped if self.given_up is None else self.given_up

    def _give_up(self, error: ProblemError) -> None:
        """The chunks before this one would wait as long for their turn, and are waited for in order."""
        self.given_up = self.given_up or error
        self._pace.stop()

    def _asked(self, items: Sequence[TokenizeItem], key: str) -> list[TokenizeResult] | ProblemError:
        """The results of a request, or why it has to be sent again: all of it, or some of its items."""
        try:
            results = self._client.tokenize(items, idempotency_key=key)
        except ProblemError as error:
            return error
        if (fault := _fault_of_a_type(items, results)) is not None:
            return fault
        failed = [result for result in results if isinstance(result, ItemError)]
        passing = [error for error in failed if error.retryable]
        refused = [error for error in failed if error.code in _NO_FAULT_OF_A_CELL]
        if told := [*passing, *refused]:
            return Unavailable.of(told[0].code, told[0].detail)
        return results

    def _patience(self, error: ProblemError) -> float:
        """A service that has never answered may have another address."""
        unknown = error.code == "unreachable" and not self._pace.has_answered
        return min(self._longest, _FIRST_PATIENCE) if unknown else self._longest


def _fault_of_a_type(items: Sequence[TokenizeItem], results: Sequence[TokenizeResult]) -> Refused | None:
    """Why none of a column's cells can succeed, if an item tells it."""
    for item, result in zip(items, results, strict=True):
        if isinstance(result, ItemError) and result.code in _FAULTS_OF_A_TYPE:
            return Refused.of(result.code, f"type {item.type}: {result.detail}")
    return None
