"""A function of the vault that is invoked, and no other way to it."""

import json
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from tokenvault_client.errors import NotPermitted, ProblemError, Throttled, Unavailable
from tokenvault_client.http import Response

_BUSY: Final = frozenset({"TooManyRequestsException", "ThrottlingException", "EC2ThrottledException"})
_NOT_YET: Final = frozenset({"CodeArtifactUserPendingException", "ResourceConflictException"})
"""Of a function that was idle for weeks, or has just been made: until it is ready, Lambda answers 409.
https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html"""


class Invoked:
    """One function, by an invocation that waits for its answer."""

    def __init__(self, client: Any, function: str) -> None:
        self._client, self._function = client, function

    def answer(self, event: dict[str, Any]) -> Response:
        """The function's answer to an event; asked once. Raises `ProblemError` where there is none."""
        payload = self._invoked(json.dumps(event).encode())
        try:
            document = json.loads(payload)
            headers = {"content-type": str(document["content_type"])}
            return Response(int(document["status"]), headers, document["body"].encode())
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Unavailable.of("unexpected_answer", "the answer is not one of the function's") from None

    def _invoked(self, event: bytes) -> bytes:
        try:
            invoked = self._client.invoke(FunctionName=self._function, Payload=event)
            payload = bytes(invoked["Payload"].read())
        except ClientError as error:
            raise _refused(error) from None
        except BotoCoreError as error:
            raise Unavailable.of("unreachable", f"no answer came ({type(error).__name__})") from None
        if "FunctionError" in invoked:
            # Its text may hold what the function was given, so it is not repeated.
            raise Unavailable.of("function_failed", "the function failed; its log says why")
        return payload


def _refused(error: ClientError) -> ProblemError:
    code = error.response["Error"]["Code"]
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _BUSY:
        return Throttled.of("throttled", "as many invocations as are allowed are under way")
    if status >= 500 or code in _NOT_YET:
        return Unavailable.of("unreachable", f"Lambda did not invoke the function ({code})")
    return NotPermitted.of("invocation_refused", f"Lambda refuses to invoke the function ({code})")
