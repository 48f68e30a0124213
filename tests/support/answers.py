"""What tests ask of an answer."""

import json

from tests.support.world import Answer

SENTINEL = "4929-SENTINEL-7712"
"""The sentinel, a marked value: no problem document ever quotes it."""


def problem(answer: Answer, status: int, code: str, pointer: str | None = None) -> None:
    """Asserts a problem document (RFC 9457) of this status, code and pointer."""
    assert answer.status == status, answer.body
    assert answer.raw.content_type == "application/problem+json"
    assert {"type", "title", "status", "code", "detail", "request_id"} <= set(answer.body)
    assert (answer.body["status"], answer.body["code"]) == (status, code)
    assert answer.body["request_id"].startswith("request-")
    if pointer is not None:
        assert [error["pointer"] for error in answer.body["errors"]] == [pointer]
    assert SENTINEL not in json.dumps(answer.body)


def tokens(answer: Answer) -> list[str]:
    """The tokens of an answer in which nothing failed."""
    assert answer.status == 200, answer.body
    return [entry["token"] for entry in answer.body["results"]]


def codes(answer: Answer) -> list[str | None]:
    """The error of each item."""
    return [entry.get("error", {}).get("code") for entry in answer.body["results"]]
