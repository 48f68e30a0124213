"""The door to the vault: batches by an invocation of the one function that takes them, and no other way."""

from collections.abc import Sequence
from typing import Any, Final

from tokenvault_client import answers, problems, results
from tokenvault_client.results import TokenizeItem, TokenizeResult
from tokenvault_client.sending import json_bytes, with_items

from bulklib.invoking import Invoked

_OK: Final = 200


class InvokedVault:
    """Takes batches in, as `operation` says: `tokenize`, or `import` for values that have tokens already."""

    def __init__(self, client: Any, function: str, operation: str) -> None:
        self._invoked, self._operation = Invoked(client, function), operation

    def tokenize(
        self, items: Sequence[TokenizeItem], *, idempotency_key: str | None = None
    ) -> list[TokenizeResult]:
        """A result for each item. Raises `ProblemError`; asked once."""
        body = with_items([json_bytes(item.body()) for item in items], {})
        event = {"operation": self._operation, "body": body.decode(errors="surrogatepass")}
        answer = self._invoked.answer({**event, "idempotency_key": idempotency_key})
        if answer.status != _OK:
            raise problems.error(answer)
        return answers.aligned(results.token_facts, answer, len(items))
