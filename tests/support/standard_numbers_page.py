"""The page about standard numbers, made from the table: `python -m tests.support.standard_numbers_page`."""

import inspect
import random
import re
import string
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

from chalicelib.formats.standard_number import StandardNumber, build
from chalicelib.formats.standard_numbers.corrections import LATER, OURS
from chalicelib.formats.standard_numbers.refused import REFUSED
from chalicelib.formats.standard_numbers.table import TABLE
from tests.support.formats_page import power

ADDED: Final = ("gb.nino", "us.mbi", "us.npi", "vin")
"""Schemes that python-stdnum does not have."""

PAGE: Final = Path(__file__).resolve().parents[2] / "docs/standard-numbers.md"
_RAISES: Final = re.compile(r" Raises [^.]*\.")
"""What a developer reads of a function and a reader of the page does not."""


def page() -> str:
    """The whole page."""
    tables = ((_HEAD, _held()), (_CORRECTED, _corrected()), (_REFUSED, _refused()))
    return "\n\n".join("\n".join([head.strip(), *rows]) for head, rows in tables) + "\n"


def _held() -> Iterator[str]:
    for name in sorted(TABLE):
        made = build(name, {"scheme": name})
        example = made.scheme.example
        space = made.space(example)
        token = space.token_at(random.Random(name).randrange(space.size))
        columns = [
            f"`{name}`",
            _title(name),
            *map(_code, (example, token, made.mask(example))),
            _recognized(made),
        ]
        yield f"| {' | '.join([*columns, power(made.capacity().tokens)])} |"


def _title(name: str) -> str:
    """What python-stdnum calls the scheme, or we do."""
    source = OURS[name] if name in ADDED else import_module(f"stdnum.{name}")
    title = (inspect.getdoc(source) or "").partition("\n")[0].split(": ")[0].rstrip(".")
    return title.replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{text}`"


def _recognized(made: StandardNumber) -> str:
    """By what a token for the example is told from a number."""
    example = made.scheme.example
    token = made.space(example).token_at(0)
    if len(token) > len(example):
        return "mark, longer"
    alike = [text[:-1].translate(_KINDS) for text in (token, example)]
    return "check digits" if made.scheme.form(example).check and alike[0] == alike[1] else "mark"


_KINDS: Final = str.maketrans(string.digits + string.ascii_uppercase, "9" * 10 + "A" * 26)


def _corrected() -> Iterator[str]:
    for name in sorted({*OURS, *LATER}):
        rules = [OURS[name]] if name in OURS else LATER[name]
        what = _RAISES.sub("", " ".join(" ".join((inspect.getdoc(rule) or "").split()) for rule in rules))
        yield f"| `{name}` | {what} |"


def _refused() -> Iterator[str]:
    for name, reason in REFUSED.items():
        yield f"| `{name}` | {reason} |"


_HEAD: Final = f"""
# Standard numbers

Made by `python -m tests.support.standard_numbers_page` from the code, and compared with it by a test.

The format `standard_number` takes the numbers of a country or an institution:

```hcl
info_types = {{
  company = {{ format = "standard_number", options = {{ scheme = "br.cnpj" }} }}
}}
```

A `scheme` is the name of a module of [python-stdnum](https://arthurdejong.org/python-stdnum/), or of one that
is added here; {len(TABLE)} of them hold, {len(REFUSED)} are refused. What holds of every one, with tests that
walk from the example to other numbers of the scheme:

- *Spellings meet.* Either case, spaces of all kinds, full-width digits, and single or double spaces, dots,
  hyphens and slashes between two characters make no difference, unless a separator tells something.
- *What is revealed is taken again*, as the same number.
- *A token is never a number of its scheme*, neither here nor for python-stdnum. It fails the check digits, or
  it has a *mark*: a letter where all numbers of the scheme have a digit, or a digit where all have a letter.
  Neither depends on the date or on tables of ranges: a deterministic token stays the same.
- *A token looks like the value place by place*: a digit for a digit, a letter for a letter, and the letters
  that all numbers of the scheme have. If digits alone do not hold a million tokens, other places become
  letters or digits; if those do not either, the token is longer than the value.
- *Tables leave a token alone*: none begins with 0 or a month, or reads as a number in scientific notation.

Numbers that a scheme once gave out and does not any more, birth dates in the future and the like are for
python-stdnum to judge. A kept end (`keep_last`) may change how tokens are told; the room is always computed.

## Schemes

| scheme | number | value | token | mask | token told by | tokens, at least |
| --- | --- | --- | --- | --- | --- | --- |
"""

_CORRECTED: Final = """
## Corrections

Where python-stdnum 2.2 lags a standard, takes what it rules out, has two canonical forms for one number, or
has no such scheme. In all schemes, zeros only are no number, and a line break is never part of one.

| scheme | correction |
| --- | --- |
"""

_REFUSED: Final = """
## Refused

The policy is refused with this reason.

| scheme | reason |
| --- | --- |
"""


if __name__ == "__main__":
    PAGE.write_text(page())
