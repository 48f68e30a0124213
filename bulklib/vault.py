"""The door to the vault: batches by an invocation of the one function that takes them, and no other way."""

import json
from collections.abc import Sequence
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from tokenvault_client import answers, problems, results
from tokenvault_client.errors import NotPermitted, ProblemError, Throttled, Unavailable
from tokenvault_client.http import Response
from tokenvault_client.results import TokenizeItem, TokenizeResult
from tokenvault_client.sending import json_bytes, with_items

_BUSY: Final = frozenset({"TooManyRequestsException", "ThrottlingException", "EC2ThrottledException"})
_OK: Final = 200


class InvokedVault:
    """Takes batches in, as `operation` says: `tokenize`, or `import` for values that have tokens already."""

    def __init__(self, client: Any, function: str, operation: str) -> None:
        self._client, self._function, self._operation = client, function, operation

    def tokenize(
        self, items: Sequence[TokenizeItem], *, idempotency_key: str | None = None
    ) -> list[TokenizeResult]:
        """A result for each item. Raises `ProblemError`; asked once."""
        body = with_items([json_bytes(item.body()) for item in items], {})
        event = {"operation": self._operation, "body": body.decode(errors="surrogatepass")}
        answer = self._answer(json.dumps({**event, "idempotency_key": idempotency_key}).encode())
        if answer.status != _OK:
            raise problems.error(answer)
        return answers.aligned(results.token_facts, answer, len(items))

    def _answer(self, event: bytes) -> Response:
        try:
            invoked = self._client.invoke(FunctionName=self._function, Payload=event)
            payload = invoked["Payload"].read()
        except ClientError as error:
            raise _refused(error) from None
        except BotoCoreError as error:
            raise Unavailable.of("unreachable", f"no answer came ({type(error).__name__})") from None
        if "FunctionError" in invoked:
            # Its text may hold what the function was given, so it is not repeated.
            raise Unavailable.of("function_failed", "the function failed; its log says why")
        try:
            document = json.loads(payload)
            headers = {"content-type": str(document["content_type"])}
            return Response(int(document["status"]), headers, document["body"].encode())
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Unavailable.of("unexpected_answer", "the answer is not one of the function's") from None


def _refused(error: ClientError) -> ProblemError:
    code = error.response["Error"]["Code"]
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _BUSY:
        return Throttled.of("throttled", "as many invocations as are allowed are under way")
    if status >= 500:
        return Unavailable.of("unreachable", f"Lambda did not invoke the function ({code})")
    return NotPermitted.of("invocation_refused", f"Lambda refuses to invoke the function ({code})")
