"""Strict JSON: what two parsers could read differently is refused (RFC 8259, section 4; RFC 7493)."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final, NoReturn

from chalicelib.errors import InvalidRequest, RequestTooLarge

MAX_BODY_BYTES: Final = 960 * 1024
"""Room for 100 values of 4 KB, even with every second character escaped, and below the limits of API
Gateway and Lambda."""

POINTER_FIELDS: Final = frozenset(
    {"items", "type", "value", "token", "subject", "ttl_seconds", "metadata", "purpose", "reveal"}
    | {"on_behalf_of", "assertion", "fields", "approval", "types", "origin", "max_values", "single_use"}
    | {"parts", "decision", "recipient", "opening", "cursor"}
)
"""Field names that may stand in an error's pointer. Any other name is the caller's text."""

_REPLACEMENT: Final = "\ufffd".encode()
"""What bytes that are not UTF-8 become in a gateway that passes bodies on as text: texts become alike."""

_LONGEST_WHOLE: Final = 4300
"""Characters of a whole number: https://docs.python.org/3/library/stdtypes.html#int-max-str-digits"""

PathPart = str | int
_Trail = tuple["_Trail", PathPart] | None
"""The way to a place, last part first: neighbours share all of it except that part."""


class _Repeated(dict[str, Any]):
    """An object in which a name was repeated."""


def parse(body: bytes) -> Any:
    """The JSON value of a body; numbers with a fraction or an exponent come as `Decimal`.

    Raises `RequestTooLarge` or `InvalidRequest`, which points at the object or string at fault.
    """
    if len(body) > MAX_BODY_BYTES:
        raise RequestTooLarge(f"the body may have at most {MAX_BODY_BYTES} bytes")
    if _REPLACEMENT in body:
        raise InvalidRequest("the body contains U+FFFD: send UTF-8, and the character itself escaped", "")
    if not body.strip():
        raise InvalidRequest("the body is empty; a JSON object is needed", "")
    repeated: list[dict[str, Any]] = []
    try:
        parsed = json.loads(
            body.decode(),
            object_pairs_hook=lambda pairs: _object(pairs, repeated),
            parse_int=_whole,
            parse_float=_decimal,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError:
        raise InvalidRequest("the body is not UTF-8", "") from None
    except RecursionError:
        raise InvalidRequest("the body is nested too deeply", "") from None
    except ValueError:
        raise InvalidRequest("the body is not JSON", "") from None
    # Half of a surrogate pair has no UTF-8, so it comes escaped if at all. Most bodies need no second look.
    if repeated or b"\\u" in body:
        for trail, node in _walk(parsed):
            _check(trail, node)
    return parsed


def pointer(path: Sequence[PathPart]) -> str:
    """The RFC 6901 pointer to a place, cut short before the first name that is not a field of the API."""
    parts = []
    for part in path:
        if isinstance(part, str) and part not in POINTER_FIELDS:
            break
        parts.append(f"/{part}")
    return "".join(parts)


def _object(pairs: list[tuple[str, Any]], repeated: list[dict[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    repeated.append(_Repeated(made))
    return repeated[-1]


def _whole(digits: str) -> int | Decimal:
    # Python refuses to read longer ones, which are JSON all the same: their item answers for them.
    return int(digits) if len(digits) <= _LONGEST_WHOLE else Decimal(digits)


def _decimal(written: str) -> Decimal:
    try:
        return Decimal(written)
    except ArithmeticError:
        # An exponent of more digits than `Decimal` takes. No format takes what is no number.
        return Decimal("NaN")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _walk(root: Any) -> Iterator[tuple[_Trail, Any]]:
    """Every value and every name in it, with the way to it; without recursion, so any depth will do."""
    left: list[tuple[_Trail, Any]] = [(None, root)]
    while left:
        trail, node = left.pop()
        yield trail, node
        if isinstance(node, dict):
            left += [(trail, name) for name in node]
            left += [((trail, name), child) for name, child in node.items()]
        elif isinstance(node, list):
            left += [((trail, index), child) for index, child in enumerate(node)]


def _check(trail: _Trail, node: Any) -> None:
    if isinstance(node, _Repeated):
        raise InvalidRequest("a name is repeated within an object", pointer(_path(trail)))
    if isinstance(node, str) and not node.isascii() and _has_lone_surrogate(node):
        raise InvalidRequest("text holds half of a surrogate pair", pointer(_path(trail)))


def _path(trail: _Trail) -> Sequence[PathPart]:
    parts: list[PathPart] = []
    while trail is not None:
        trail, part = trail
        parts.append(part)
    return parts[::-1]


def _has_lone_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
