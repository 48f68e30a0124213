"""The door to the vault for exports: the one function that gives pages out, sealed, and no other way."""

import json
from collections.abc import Mapping
from typing import Any, Final

from tokenvault_client import answers, problems
from tokenvault_client.exports import BegunExport, ExportPage, begun_of, page_of

from bulklib.invoking import Invoked

_CREATED: Final = 201
_OK: Final = 200


class InvokedExports:
    """Begins exports and asks for their pages. Each is asked once, and raises `ProblemError`."""

    def __init__(self, client: Any, function: str) -> None:
        self._invoked = Invoked(client, function)

    def begin(self, terms: Mapping[str, Any]) -> BegunExport:
        """Begins an export, and uses its approval up. `terms` are the fields of the API."""
        return answers.parsed(begun_of, self._answer("begin_export", terms, _CREATED))

    def page(self, opening: str, cursor: str) -> ExportPage:
        """The page that a cursor stands before, on record each time."""
        body = {"opening": opening, "cursor": cursor}
        return answers.parsed(page_of, self._answer("export_page", body, _OK))

    def _answer(self, operation: str, body: Mapping[str, Any], status: int) -> Any:
        answer = self._invoked.answer({"operation": operation, "body": json.dumps(body)})
        if answer.status != status:
            raise problems.error(answer)
        return answer
