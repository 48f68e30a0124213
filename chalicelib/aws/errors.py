"""What botocore raises, in words that quote nothing: its own messages can hold items and key material."""

from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

AWS_ERRORS: Final = (ClientError, BotoCoreError)
"""Everything that a call to AWS may raise: the service refused it, or it never got an answer."""

RETRY_HINT: Final = "the same request may be sent again"


def error_code(error: Exception) -> str:
    """The code that AWS gave an error; for botocore's own errors, the name of the class."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "unknown"))
    return type(error).__name__


def explain(service: str, error: Exception) -> str:
    """What went wrong with a call to a service, for callers and the log."""
    failure = "rejected the request" if isinstance(error, ClientError) else "did not answer"
    return f"{service} {failure} ({error_code(error)})"
