"""What does not parse of a policy, in the words of who wrote the file, not of the library that read it."""

import re
from typing import Any, Final, get_type_hints

from chalicelib.api.reading import choices

_KINDS: Final = {
    "array": "a list",
    "bool": "true or false",
    "date": "a date",
    "datetime": "a date with a time",
    "float": "a number with a fraction",
    "int": "a whole number",
    "null": "null",
    "object": "a table",
    "str": "text",
    "time": "a time",
}
_PLACE: Final = re.compile(r"(?P<said>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_OTHER_KIND: Final = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<given>[^`]+)`")
_LACKING: Final = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<field>[^`]+)`")
_NO_CHOICE: Final = re.compile(r"Invalid enum value (?P<given>.+)")


def told(where: str, problem: str, shape: type) -> str:
    """The place in the file and the rule, from msgspec's message about an object at `where` of this shape."""
    found = _PLACE.fullmatch(problem)
    path = (found["path"] or "") if found else ""
    said = found["said"] if found else problem
    return f"{where}{path.replace('[...]', '.*')}{_rule(said, _allowed(path, shape))}"


def _rule(said: str, allowed: list[str]) -> str:
    if other := _OTHER_KIND.fullmatch(said):
        wanted = _kind(other["wanted"]).replace(_KINDS["float"], "a number")  # one without will do
        return f" must be {wanted}, and is {_kind(other['given'])}"
    if lacking := _LACKING.fullmatch(said):
        return f" needs {lacking['field']}"
    if unknown := _UNKNOWN.fullmatch(said):
        return f": there is no setting {unknown['field']}"
    if (wrong := _NO_CHOICE.fullmatch(said)) and allowed:
        return f" must be one of {', '.join(allowed)}, and is {wrong['given']}"
    return f": {said}"


def _kind(named: str) -> str:
    """The kinds that a message names, without the null that stands for what is left out."""
    kinds = [kind for kind in named.split(" | ") if kind != "null"] or ["null"]
    return " or ".join(_KINDS.get(kind, kind) for kind in kinds)


def _allowed(path: str, shape: Any) -> list[str]:
    """The words that a field may have; nothing where it is no field of few words."""
    field = re.match(r"\.(\w+)", path)
    return choices(get_type_hints(shape).get(field[1])) if field else []
