"""An import whose values keep the tokens that they have."""

from collections.abc import Sequence
from typing import Protocol

from tokenvault_client.results import ImportItem, TokenizeItem, TokenizeResult


class ImportingTokens(Protocol):
    """The client, as far as it is needed here."""

    def import_tokens(
        self, items: Sequence[ImportItem], *, idempotency_key: str | None = None
    ) -> list[TokenizeResult]: ...


class Keeping:
    """Takes values in under their own tokens; each of the items has one."""

    def __init__(self, client: ImportingTokens) -> None:
        self._client = client

    def tokenize(
        self, items: Sequence[TokenizeItem], *, idempotency_key: str | None = None
    ) -> list[TokenizeResult]:
        """The facts of each token, which is the one that came along."""
        own = [item for item in items if isinstance(item, ImportItem)]
        return self._client.import_tokens(own, idempotency_key=idempotency_key)
