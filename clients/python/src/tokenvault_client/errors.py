"""Everything that can go wrong with a call, as one tree.

Messages carry codes, field names and rules, never a value.
"""

from dataclasses import dataclass
from typing import Final, Self

RETRYABLE: Final = frozenset(
    {
        "store_unavailable",
        "key_unavailable",
        "restoring",
        "authorizer_unavailable",
        "function_failed",
        "function_timeout",
    }
    | {"throttled", "budget_exceeded", "quota_exceeded", "unreachable", "token_endpoint_unavailable"}
)
"""Codes of errors that pass by themselves; items of a request that failed as a whole have its code.

Others do not: a lacking permission (`store_refused`) or a disabled key (`key_refused`) stays until somebody
mends it."""


class TokenvaultError(Exception):
    """Root of all errors of this package."""


class ConfigurationError(TokenvaultError):
    """The client cannot be used as it is set up. Carries every problem found, none of the values.

    `advice` says where to get what is missing.
    """

    def __init__(self, *problems: str, advice: str | None = None) -> None:
        super().__init__("; ".join(problems) + (f" ({advice})" if advice else ""))
        self.problems = problems


class VerificationError(TokenvaultError):
    """Something that should be signed by the vault is not, or not as it should be."""


@dataclass(frozen=True)
class FieldError:
    """A field of the request at fault. `pointer` is an RFC 6901 JSON pointer into the body that was sent."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True)
class Problem:
    """A problem document of the API (RFC 9457).

    `status` is None if no HTTP answer came; `retry_after` is in seconds, None if the service did not say.
    """

    code: str
    detail: str
    status: int | None = None
    request_id: str | None = None
    retry_after: float | None = None
    errors: tuple[FieldError, ...] = ()

    @property
    def never_fits(self) -> bool:
        """Whether this is more than a whole hour's budget has: of that alone the service says no time."""
        return self.code == "budget_exceeded" and self.retry_after is None

    @property
    def explanation(self) -> str:
        """What is wrong, where in the body, and under which request id the service knows it."""
        pointers = ", ".join(error.pointer for error in self.errors if error.pointer)
        parts = [self.detail, f"at {pointers}" if pointers else ""]
        parts.append(f"request id {self.request_id}" if self.request_id else "")
        return "; ".join(part for part in parts if part)

    def __str__(self) -> str:
        return f"{self.code}: {self.explanation}"


class ProblemError(TokenvaultError):
    """The service, or something on the way to it, did not do what was asked."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem

    @classmethod
    def of(cls, code: str, detail: str) -> Self:
        """An error of this package's own, without an answer of the service."""
        return cls(Problem(code, detail))

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later, with nothing changed about it or about the service."""
        return self.code in RETRYABLE and not self.problem.never_fits

    @property
    def code(self) -> str:
        """The stable code of the problem, part of the API."""
        return self.problem.code


class Refused(ProblemError):
    """The service refused the request; sent again as it is, it will be refused again."""


class InvalidRequest(Refused):
    """The request cannot be understood (400, 413, 415, 422); `problem.errors` points at the fields."""


class Unauthenticated(Refused):
    """There was no access token, or a fresh one was refused (401)."""


class NotPermitted(Refused):
    """The policy does not let this client do this (403), or its access token lacks the scope for it."""


class NotFound(Refused):
    """No such token: unknown, expired, erased or another tenant's; or no such approval (404)."""


class Conflict(Refused):
    """An idempotency key of another body, an erased subject, or an approval that cannot be used (409)."""


class Throttled(Refused):
    """A limit of this client is used up (429), and still was when the time for retries was over.

    `problem.retry_after` says when to come back, if the service said so. Where `retryable` is false it was
    asked once: that is more than a whole hour's budget has, and only a smaller request gets past it.
    """


class Unavailable(ProblemError):
    """The service could not be reached or failed (5xx), and still did when the time for retries was over.

    Where `retryable` is false it was asked once: the failure stays until an operator of the service mends it.
    """
