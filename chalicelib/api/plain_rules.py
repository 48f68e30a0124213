"""The rule that a request breaks, in the words of JSON: msgspec names Python's types."""

import re
from typing import Final

_KINDS: Final = {
    "array": "an array",
    "bool": "true or false",
    "float": "a number with a fraction",
    "int": "a whole number",
    "null": "null",
    "object": "an object",
    "str": "a string",
}
_COUNTED: Final = {"str": ("character", "characters"), "array": ("entry", "entries")}
_OTHER_KIND: Final = re.compile(r"Expected `([a-z |]+)`, got `([a-z]+)`")
_LENGTH: Final = re.compile(r"Expected `(str|array)(?: \| null)?` of length (>=|<=) ([0-9]+)")
_LIMIT: Final = re.compile(r"Expected `int(?: \| null)?` (>=|<=) ([0-9]+)")
_LACKING: Final = re.compile(r"Object missing required field `([a-z_]+)`")
_BOUNDS: Final = {">=": "at least", "<=": "at most"}


def plain_rule(said: str, *, of_an_entry: bool) -> str | None:
    """What must be so, to be read behind a name of ours; None where msgspec's message is none of these.

    They are made of our own names and of those of types; others may quote a caller's text.

    `of_an_entry` is for an object whose names are the caller's, so its entry has none that may be told.
    """
    if other := _OTHER_KIND.fullmatch(said):
        wanted = " or ".join(_KINDS.get(kind, kind) for kind in other[1].split(" | "))
        given = _KINDS.get(other[2], other[2])
        who, which = ("each entry must be", "one is") if of_an_entry else ("must be", "is")
        return f"{who} {wanted}, and {which} {given}"
    if length := _LENGTH.fullmatch(said):
        return f"must have {_BOUNDS[length[2]]} {_counted(length[1], int(length[3]))}"
    if limit := _LIMIT.fullmatch(said):
        return f"must be {_BOUNDS[limit[1]]} {limit[2]}"
    lacking = _LACKING.fullmatch(said)
    return lacking and f"lacks the field '{lacking[1]}'"


def _counted(kind: str, number: int) -> str:
    singular, plural = _COUNTED[kind]
    return f"{number} {singular if number == 1 else plural}"
