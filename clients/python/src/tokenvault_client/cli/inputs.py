"""Values and tokens from stdin or a file: one a line, or one JSON object a line."""

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final, TypeVar

from tokenvault_client.cli.exits import UsageError
from tokenvault_client.results import SearchItem

_KINDS: Final[Mapping[str, type]] = {
    "type": str,
    "value": object,
    "subject": str,
    "ttl_seconds": int,
    "metadata": dict,
}

Item = TypeVar("Item", bound=SearchItem)


def items(source: BinaryIO, kind: type[Item], defaults: Mapping[str, Any], as_json: bool) -> Iterator[Item]:
    """Values, each with what options say of all and its own line does not. Raises `UsageError`."""
    known = [one.name for one in dataclasses.fields(kind)]
    for number, line in _lines(source):
        fields = {**defaults, **(_value_fields(number, line, known) if as_json else {"value": line})}
        if "type" not in fields:
            raise UsageError(f"line {number}: no information type; give --type, or a field type")
        yield kind(**fields)


def tokens(source: BinaryIO, as_json: bool) -> Iterator[str]:
    """Tokens. In JSON, other fields are passed over, so that the output of `tokenize --json` will do.

    Raises `UsageError`.
    """
    for number, line in _lines(source):
        token = _object(number, line).get("token") if as_json else line
        if not isinstance(token, str) or not token:
            raise UsageError(f"line {number}: no token")
        yield token


def _lines(source: BinaryIO) -> Iterator[tuple[int, str]]:
    """Lines without their ends, numbered from 1."""
    for number, raw in enumerate(source, start=1):
        try:
            yield number, raw.removesuffix(b"\n").removesuffix(b"\r").decode()
        except UnicodeDecodeError:
            raise UsageError(f"line {number}: not UTF-8") from None


def _value_fields(number: int, line: str, known: Sequence[str]) -> Mapping[str, Any]:
    fields = _object(number, line)
    if "value" not in fields or not fields.keys() <= set(known):
        raise UsageError(f"line {number}: a value is needed, and no other fields than {', '.join(known)}")
    for name, value in fields.items():
        if not isinstance(value, _KINDS[name]):
            raise UsageError(f"line {number}: {name} is of the wrong kind")
    return fields


def _object(number: int, line: str) -> Mapping[str, Any]:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError):
        raise UsageError(f"line {number}: not JSON") from None
    if not isinstance(parsed, dict):
        raise UsageError(f"line {number}: not a JSON object")
    return parsed
