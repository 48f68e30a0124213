"""An example of an operation, and the problem documents that some answer with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

CREATED: Final = "2026-03-01T12:00:00Z"
REQUEST_ID: Final = "6f2b4a1c-8d53-4c0e-9b7a-2e91d05c7a44"


@dataclass(frozen=True)
class Example:
    """A request and its answer. `operation` is the name of the view in `app.py`."""

    operation: str
    name: str
    summary: str
    status: int = 200
    body: Any = None
    answer: Any = None
    parameters: Mapping[str, str] = field(default_factory=dict)


def problem(status: int, code: str, title: str, detail: str, pointer: str | None = None) -> dict[str, Any]:
    """The answer to a request that was refused; `pointer` names the field that is at fault."""
    fields = [{"pointer": pointer, "code": code, "detail": detail}]
    return {
        "type": f"urn:tokenvault:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": REQUEST_ID,
        **({} if pointer is None else {"errors": fields}),
    }
