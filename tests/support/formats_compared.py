"""The page about our formats beside other libraries: `make formats-compared` makes it.

Its numbers come from 100,000 values asked of both sides, by the libraries that requirements-compare.txt and
tests/nightly/npm pin. Its sentences come from the table of kinds, which the suite compares with the page.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.support.compared.kind import Difference, Kind
from tests.support.compared.table import KINDS

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs/formats-compared.md"
_PINS: Final = ("requirements.txt", "requirements-compare.txt", "tests/nightly/npm/package.json")
_DISTRIBUTIONS: Final = {"phonenumbers": "phonenumberslite"}
"""Where the package that is installed is another build of the library."""


def page(asked: Mapping[str, int], found: Mapping[str, Mapping[str, int]]) -> str:
    """The whole page: `asked` values of each library, `found` disagreements of each kind."""
    parts = [_HEAD.format(values=sum(asked.values())).strip()]
    for library, (name, kinds) in KINDS.items():
        differing = sum(found[library].values())
        parts.append(
            f"## `{name}` and {library} {version(library)}\n\n"
            f"{asked[library]:,} values; the two sides differ about {differing:,} of them.\n\n"
            + "\n".join([*_TABLE, *(row(kind, f"{found[library][kind.name]:,}") for kind in kinds)])
        )
    return "\n\n".join(parts) + "\n"


def row(kind: Kind, count: str) -> str:
    """The line of a kind."""
    example = kind.example
    cells = [
        kind.name,
        count,
        _value(example),
        _side(example.ours),
        _side(example.theirs),
        kind.right,
        kind.standard,
    ]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def version(library: str) -> str:
    """As it is pinned."""
    name = re.escape(_DISTRIBUTIONS.get(library, library))
    pins = "\n".join((ROOT / path).read_text() for path in _PINS)
    found = re.search(rf'^(?: +"{name}": "|{name}==)([^"\s]+)', pins, re.MULTILINE)
    assert found, f"{library} is not pinned"
    return found[1]


def shown(value: str) -> str:
    """The value in code, with what cannot be seen or stand alone, and spaces at the ends, by code point."""
    visible = "".join(
        sign if sign.isprintable() and not unicodedata.combining(sign) else f"<U+{ord(sign):04X}>"
        for sign in value
    )
    inner = visible.strip(" ")
    before, after = visible.index(inner), len(visible) - visible.index(inner) - len(inner)
    return f"`{'<U+0020>' * before}{_shortened(inner)}{'<U+0020>' * after}`"


def _shortened(text: str) -> str:
    """A run of one sign as the sign and how often: an address of 65 `x` says so."""
    return re.sub(r"(.)\1{29,}", lambda run: f"{run[1]}<{len(run[0])} times>", text)


def _value(example: Difference) -> str:
    return f"`{example.scheme}` {shown(example.value)}" if example.scheme else shown(example.value)


def _side(form: str | None) -> str:
    return "refused" if form is None else shown(form)


def _sections() -> Iterator[tuple[str, int, Counter[str]]]:
    # They need what only `make formats-compared` has.
    from tests.support import npm  # noqa: PLC0415
    from tests.support.compared import run  # noqa: PLC0415

    folder = npm.installed()
    for library in KINDS:
        yield library, *run.counted(library, folder)


def main() -> None:
    """Asks both sides and writes the page."""
    asked, found = dict[str, int](), dict[str, Counter[str]]()
    for library, values, kinds in _sections():
        asked[library], found[library] = values, kinds
        print(f"{library} {version(library)}: {values:,} values, {sum(kinds.values()):,} disagreements")
    PAGE.write_text(page(asked, found), encoding="utf-8")


_HEAD: Final = """
# Our formats beside other libraries

Made by `make formats-compared`. {values:,} values, drawn with a fixed seed, went through our formats and
through libraries that people validate with: valid values of all countries, schemes and networks, other
spellings of them (separators, case, scripts, what copying adds), and near misses (a digit changed, swapped,
left out or put in, lengths and countries that do not exist). Every disagreement is of a kind of the tables
below: one that none of them knows fails the generator. The suite compares the page with the tables in
`tests/support/compared`, and our side of each example with the code.

Our formats have their default options. The libraries have theirs; email-validator asks no DNS, and a
telephone number counts as taken where `is_valid_number` says so. Most values were drawn to be disputed: the
counts say how often a kind was met, not how often people will meet it. *Right* is who follows the named
standard; *both* where the standard leaves it open, or says nothing of how a value is spelled when it is
typed. Signs that cannot be seen are written as `<U+200B>`. The examples are published test numbers, or made
up.
"""

_TABLE: Final = [
    "| kind | values | example | tokenvault | the library | right | by |",
    "| --- | --- | --- | --- | --- | --- | --- |",
]

if __name__ == "__main__":
    main()
