"""Answers that are a success, as types of ours. Whatever else they hold is not repeated."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tokenvault_client import results
from tokenvault_client.errors import Unavailable
from tokenvault_client.http import Response
from tokenvault_client.parsing import load_json
from tokenvault_client.results import ItemError, SignedReceipt

Result = TypeVar("Result")
Parse = Callable[[Mapping[str, Any]], Result]


def body(answer: Response) -> Mapping[str, Any]:
    """The JSON object of an answer. Raises `Unavailable` if it is none."""
    try:
        found = load_json(answer.body)
    except ValueError:
        raise _unexpected() from None
    if not isinstance(found, dict):
        raise _unexpected()
    return found


def parsed(parse: Parse[Result], answer: Response) -> Result:
    """The answer as a type of ours. The errors of what is not shaped like one may quote a value.

    Raises `Unavailable`.
    """
    found = body(answer)
    try:
        return parse(found)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _unexpected() from None


def aligned(parse: Parse[Result], answer: Response, items: int) -> list[Result | ItemError]:
    """One result for each item. Raises `Unavailable`."""

    def result(entry: Mapping[str, Any]) -> Result | ItemError:
        return _item_error(entry) or parse(entry)

    found = parsed(lambda body: [result(entry) for entry in body["results"]], answer)
    if len(found) != items:
        raise _unexpected()
    return found


def has_retryable(answer: Response) -> bool:
    """Whether an item met a failure that passes. Raises `Unavailable`."""
    if answer.status != 200:
        return False
    return parsed(
        lambda body: any(error.retryable for entry in body["results"] if (error := _item_error(entry))),
        answer,
    )


def signed_receipt(found: Mapping[str, Any]) -> SignedReceipt:
    """An erasure receipt."""
    return SignedReceipt(results.receipt(found["receipt"]), found["jws"], found["receipt"])


def _item_error(entry: Mapping[str, Any]) -> ItemError | None:
    return ItemError(entry["error"]["code"], entry["error"]["detail"]) if "error" in entry else None


def _unexpected() -> Unavailable:
    return Unavailable.of("unexpected_answer", "the answer is not one of this API; is the address right?")
