"""Values and tokens from stdin or a file: one a line, or one JSON object a line."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, Generic, TypeVar

from tokenvault_client.cli.exits import UsageError
from tokenvault_client.encoding import decoded, without_mark
from tokenvault_client.parsing import RepeatedName, load_json
from tokenvault_client.results import SearchItem

_KINDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "type": str,
    "value": object,
    "subject": str,
    "ttl_seconds": int,
    "metadata": dict,
    "id": (str, int, float, bool, type(None)),
}

Sent = TypeVar("Sent")
Item = TypeVar("Item", bound=SearchItem)


@dataclass(frozen=True)
class Line(Generic[Sent]):
    """A line of the input. `item` is what is sent for it; None if its output is known already, as `passed`.

    `own` holds the user's own id of the line, if there is one; it comes out again and is sent to nobody.
    """

    number: int
    item: Sent | None
    passed: Mapping[str, Any] = field(default_factory=dict, repr=False)
    own: Mapping[str, Any] = field(default_factory=dict)


def items(
    source: BinaryIO, kind: type[Item], defaults: Mapping[str, Any], *, as_json: bool, keep_empty: bool
) -> Iterator[Line[Item]]:
    """Values, each with what options say of all and its own line does not.

    With `keep_empty`, an empty value (in JSON null as well) stands for itself and is not sent.
    Raises `UsageError`.
    """
    known = [known.name for known in dataclasses.fields(kind)]
    for number, line in _lines(source):
        fields, own = _value_fields(number, line, known) if as_json else ({"value": line}, {})
        if keep_empty and fields["value"] in ("", None):
            yield Line(number, None, {"token": fields["value"]}, own)
            continue
        fields = {**defaults, **fields}
        if "type" not in fields:
            raise UsageError(f"line {number}: no information type; give --type, or a field type")
        yield Line(number, kind(**fields), own=own)


def tokens(source: BinaryIO, *, as_json: bool, or_plain: bool = False) -> Iterator[Line[str]]:
    """Tokens, as `tokenize` writes them: a line that failed there, or that is empty, is passed on.

    In JSON, fields that are not needed are passed over, and with `or_plain` a line that begins no object is a
    token. Raises `UsageError`.
    """
    for number, line in _lines(source):
        is_object = as_json and not (or_plain and not line.startswith("{"))
        yield _token_of(number, _object(number, line) if is_object else {"token": line})


def at_most(many: int, lines: Iterator[Line[Sent]]) -> list[Line[Sent]]:
    """All lines, read to their end; for what is one request. Raises `UsageError` if it would be more."""
    read, items = list[Line[Sent]](), 0
    for line in lines:
        items += line.item is not None
        if items > many:
            raise UsageError(f"an approval is for at most {many} tokens, and the input has more")
        read.append(line)
    return read


def _token_of(number: int, fields: Mapping[str, Any]) -> Line[str]:
    own = _own(number, fields)
    if "token" not in fields and isinstance(fields.get("error"), dict):
        return Line(number, None, {"error": fields["error"]}, own)
    token = fields.get("token", 0)
    if token is None or token == "":
        return Line(number, None, {"token": token, "value": token}, own)
    if not isinstance(token, str):
        raise UsageError(f"line {number}: no token")
    return Line(number, token, own=own)


def _lines(source: BinaryIO) -> Iterator[tuple[int, str]]:
    """Lines without their ends, numbered from 1; a byte-order mark before the first is no part of it."""
    for number, raw in enumerate(_read(source), start=1):
        line = _unmarked(raw) if number == 1 else raw
        try:
            text = decoded(line.removesuffix(b"\n").removesuffix(b"\r"))
        except ValueError as error:
            raise UsageError(f"line {number}: {error}") from None
        yield number, text


def _read(source: BinaryIO) -> Iterator[bytes]:
    try:
        yield from source
    except OSError as error:
        raise UsageError(f"the input cannot be read: {error.strerror or 'unknown reason'}") from None


def _unmarked(line: bytes) -> bytes:
    try:
        return without_mark(line)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _value_fields(
    number: int, line: str, known: Sequence[str]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The fields of a value, and the user's id of the line apart from them."""
    fields = _object(number, line)
    if "value" not in fields or not fields.keys() <= {*known, "id"}:
        raise UsageError(f"line {number}: a value is needed, and no other fields than {', '.join(known)}, id")
    for name, value in fields.items():
        if not isinstance(value, _KINDS[name]):
            raise UsageError(f"line {number}: {name} is of the wrong kind")
    return {name: value for name, value in fields.items() if name != "id"}, _own(number, fields)


def _own(number: int, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(fields.get("id"), _KINDS["id"]):
        raise UsageError(f"line {number}: id is of the wrong kind")
    return {"id": fields["id"]} if "id" in fields else {}


def _object(number: int, line: str) -> Mapping[str, Any]:
    try:
        # The service refuses such objects too, and would not see it of these.
        parsed = load_json(line, names_once=True)
    except RepeatedName as repeated:
        raise UsageError(f"line {number}: {repeated}") from None
    except ValueError:
        raise UsageError(f"line {number}: not JSON; with --json, each line in is an object") from None
    if not isinstance(parsed, dict):
        raise UsageError(f"line {number}: not a JSON object; with --json, each line in is one")
    return parsed
