"""The problems that an operation may answer with: the functions' own, and those that API Gateway makes."""

import inspect
import json
import runpy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from chalicelib.api.problems import PROBLEM_TYPE, RETRY_AFTER_SECONDS
from chalicelib.api.routes import Route
from chalicelib.errors import TokenvaultError
from local.openapi.operations import COMMON, DESCRIBED, every_error

_PACKAGING: Final = Path(__file__).resolve().parents[2] / "terraform" / "packaging"
_NO_ROUTE: Final = {"MISSING_AUTHENTICATION_TOKEN", "RESOURCE_NOT_FOUND"}
_AUTHORIZER: Final = {
    "UNAUTHORIZED",
    "EXPIRED_TOKEN",
    "ACCESS_DENIED",
    "AUTHORIZER_FAILURE",
    "AUTHORIZER_CONFIGURATION_ERROR",
}
_API_KEY: Final = {"INVALID_API_KEY", "QUOTA_EXCEEDED"}
_FUNCTION: Final = {"INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT"}


@dataclass(frozen=True, order=True)
class Kind:
    """A status and a code that come together, and what they mean."""

    status: int
    code: str
    meaning: str

    @classmethod
    def of(cls, error: type[TokenvaultError]) -> "Kind":
        """An error of the functions; its own docstring says what it means."""
        meaning = error.title if error is TokenvaultError else (inspect.getdoc(error) or "").split("\n")[0]
        return cls(error.status, error.code, meaning.removesuffix("."))


def by_gateway() -> dict[str, Kind]:
    """What API Gateway answers by itself, by the type of gateway response."""
    responses = runpy.run_path(str(_PACKAGING / "gateway_responses.py"))["gateway_responses"]()
    documents = {
        name: json.loads(one["responseTemplates"]["application/json"]) for name, one in responses.items()
    }
    return {name: Kind(one["status"], one["code"], one["detail"]) for name, one in documents.items()}


def kinds(route: Route) -> list[Kind]:
    """Everything that a route may answer instead of its result."""
    found = [kind for name, kind in by_gateway().items() if name not in _impossible(route)]
    described = DESCRIBED.get(route.name)
    if described is not None:
        found += [Kind.of(error) for error in (*COMMON, *described.errors)]
    return sorted(set(found))


def codes() -> list[str]:
    """Every code that a problem document may carry."""
    named = {error.code for error in every_error()} | {kind.code for kind in by_gateway().values()}
    return sorted(named)


def responses(route: Route, examples: Mapping[int, Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The described problem responses of a route, by status."""
    for status, group in groupby(kinds(route), key=lambda kind: kind.status):
        yield str(status), _response(status, list(group), examples.get(status, {}))


def _response(status: int, found: list[Kind], examples: Mapping[str, Any]) -> dict[str, Any]:
    content = {"schema": {"allOf": [{"$ref": "#/components/schemas/Problem"}, _narrowed(status, found)]}}
    return {
        "description": "\n".join(f"- `{code}`: {meanings}" for code, meanings in _by_code(found)),
        "headers": HEADERS | (RETRY_AFTER if any(_passes(kind) for kind in found) else {}),
        "content": {PROBLEM_TYPE: content | ({"examples": examples} if examples else {})},
    }


def _narrowed(status: int, found: list[Kind]) -> dict[str, Any]:
    named = sorted({kind.code for kind in found})
    return {"properties": {"status": {"const": status}, "code": {"enum": named}}}


def _by_code(found: Iterable[Kind]) -> Iterator[tuple[str, str]]:
    for code, group in groupby(found, key=lambda kind: kind.code):
        yield code, "; ".join(kind.meaning for kind in group)


def _passes(kind: Kind) -> bool:
    """Whether an error of this kind says when to come back."""
    return any(error.retry and Kind.of(error) == kind for error in every_error())


def _impossible(route: Route) -> set[str]:
    """Gateway responses that a route never gets."""
    return (
        _NO_ROUTE
        | (set() if route.scopes else _AUTHORIZER)
        | (set() if route.api_key else _API_KEY)
        | (_FUNCTION if route.function == "gateway" else set())
    )


HEADERS: Final = {
    "Cache-Control": {"$ref": "#/components/headers/Cache-Control"},
    "x-amzn-RequestId": {"$ref": "#/components/headers/x-amzn-RequestId"},
}
"""Headers of every answer."""

RETRY_AFTER: Final = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}

DESCRIBED_HEADERS: Final = {
    "Cache-Control": {
        "description": "No cache on the way keeps an answer.",
        "required": True,
        "schema": {"const": "no-store"},
    },
    "x-amzn-RequestId": {
        "description": "API Gateway's id of the request: the `request_id` of a problem document.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "After how many seconds the same request may succeed.",
        "schema": {"type": "integer", "minimum": RETRY_AFTER_SECONDS},
    },
}
