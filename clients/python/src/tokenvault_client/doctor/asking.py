"""Asking AWS, where a refusal is an answer too: that the caller may not look."""

from collections.abc import Callable
from typing import Any, Final

from tokenvault_client.doctor.findings import Finding, failed, not_checked, ok

AwsClients = Callable[[str], Any]
"""boto3's client of a service, by the service's name, in the Region of the stack."""

Problem = Callable[[Any], str | None]
"""What is wrong with an answer; None if nothing is."""

_LIBRARIES: Final = ("botocore.", "boto3.")


def judged(check: str, holds: str, ask: Callable[[], Any], problem: Problem) -> Finding:
    """The finding of a check: `holds` if nothing is wrong with the answer, and why if there is none."""

    def made() -> Finding:
        wrong = problem(ask())
        return ok(check, holds) if wrong is None else failed(check, wrong)

    return answered(check, made)


def answered(check: str, make: Callable[[], Finding]) -> Finding:
    """The finding that `make` gives, or why AWS did not answer it."""
    try:
        return make()
    except Exception as error:
        reason = refusal(error)
        if reason is None:
            raise
        return not_checked(check, reason)


def refusal(error: Exception) -> str | None:
    """Why AWS gave no answer: its code, or what went wrong on the way. None for an error that is not AWS's.

    botocore's errors are known by what they carry and where they come from, since this library does without
    botocore. Their text may quote the request, so it is not repeated.
    """
    if code := refusal_code(error):
        operation = getattr(error, "operation_name", "the call")
        denied = ": the caller's identity may not look" if "AccessDenied" in code else ""
        return f"{operation} answered {code}{denied}"
    if type(error).__module__.startswith(_LIBRARIES):
        return f"AWS could not be asked: {type(error).__name__}"
    return None


def refusal_code(error: Exception) -> str | None:
    """AWS's code of a refusal, such as `AccessDeniedException`. None if an error is no answer of AWS."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return None if code is None else str(code)
