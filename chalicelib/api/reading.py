"""Reading the body of a request, and each item of a batch, as the types of the API."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from chalicelib.api.bodies import MAX_ITEMS
from chalicelib.api.json_body import PathPart, parse, pointer
from chalicelib.api.plain_rules import plain_rule
from chalicelib.errors import BatchTooLarge, InvalidRequest, InvalidValue

Body = TypeVar("Body")
Item = TypeVar("Item")


def read(body: bytes, expected: type[Body]) -> Body:
    """The body, parsed as `expected`. Raises `InvalidRequest`, `BatchTooLarge` or `RequestTooLarge`."""
    parsed = parse(body)
    if (
        isinstance(parsed, Mapping)
        and isinstance(parsed.get("items"), list)
        and len(parsed["items"]) > MAX_ITEMS
    ):
        raise BatchTooLarge(f"a request carries at most {MAX_ITEMS} items", "/items")
    try:
        return msgspec.convert(parsed, expected)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), expected, "The body ", "The field ") from None


def read_items(items: Sequence[Any], expected: type[Item]) -> list[Item | InvalidValue]:
    """Each item of a batch, parsed as `expected`, or its error, in order."""
    return [_read_item(item, expected) for item in items]


def _read_item(item: Any, expected: type[Item]) -> Item | InvalidValue:
    try:
        return msgspec.convert(item, expected)
    except msgspec.ValidationError as error:
        problem = _invalid(str(error), expected)
        field = (problem.pointer or "").strip("/")
        return InvalidValue(f"{field or 'item'}: {problem.detail}")


def _invalid(message: str, expected: type, whole: str = "", field: str = "") -> InvalidRequest:
    """msgspec's message as an error: its path as a pointer, and its rule in plain words that quote nothing.

    `whole` and `field` are what it begins with where the answer does not name the field before it. A field
    that is not known has the caller's name, which may be a value, so the known ones are named.
    """
    rule, _, path = message.partition(" - at `$")
    parts = _parts(path)
    if rule.startswith("Object contains unknown field"):
        known = "" if parts else ", ".join(getattr(expected, "__struct_encode_fields__", ()))
        rule = "Object contains a field that is not known here" + (known and f"; known: {known}")
    elif plain := plain_rule(rule, of_an_entry=path.endswith("[...]`")):
        rule = (field if parts else whole) + plain
    else:
        allowed = ", ".join(choices(get_type_hints(expected).get(str(parts[0])))) if parts else ""
        rule = "The field has a value that is not allowed" + (allowed and f"; allowed: {allowed}")
    return InvalidRequest(rule, pointer(parts))


def _parts(path: str) -> list[PathPart]:
    """Of a path in msgspec's message, where `[...]` is an entry whose name is the caller's."""
    found = re.findall(r"\.([^.\[`]+)|\[(\d+)\]", path)
    return [int(index) if index else name for name, index in found]


def choices(kind: Any) -> list[str]:
    """The few values that a field of this type may have, in a list or not; none where they are not few."""
    if get_origin(kind) is Literal:
        return [str(choice) for choice in get_args(kind)]
    return [choice for inner in get_args(kind) for choice in choices(inner)]
