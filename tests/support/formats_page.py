"""The page about formats, made from the formats: `python -m tests.support.formats_page` writes it."""

import inspect
import json
import random
import re
from collections.abc import Iterator
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Final, Literal

from chalicelib.config import SLOTS
from chalicelib.formats import registry, spelling
from chalicelib.formats.base import OPAQUE_BITS, Capacity, TokenFormat
from chalicelib.formats.capacity import EXPECTED, MAX_PROBES, REPLICATION_SECONDS, fits

PAGE: Final = Path(__file__).resolve().parents[2] / "docs/formats.md"
YEAR: Final = 365 * 24 * 3600
ONE, HALF = Fraction(1), Fraction(1, 2)
CUSTOM: Final = {"alphabet": "0123456789", "length": 12, "check_digit": "mod97"}
NEEDED: Final = {"custom": CUSTOM, "standard_number": {"scheme": "br.cnpj"}}
"""Options without which there is no format."""

ROOMS: Final[list[tuple[str, dict[str, object]]]] = [
    ("card_number", {}),
    ("card_number", {"keep_first": 6}),
    ("card", {}),
    ("us_ssn", {}),
    ("us_ssn", {"keep_last": 0}),
    ("iban", {}),
    ("iban", {"keep_last": 4}),
    ("phone", {}),
    ("phone", {"keep_last": 4}),
    ("date", {}),
    ("date", {"keep_year": True}),
    ("digits", {}),
    ("digits", {"keep_last": 4}),
    ("custom", CUSTOM),
]


def page() -> str:
    """The whole page."""
    parts = [_HEAD, _spelling(), _TABLES, *map(_format, registry.FORMATS), _room(), _cost(), _regions()]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def built(name: str, options: dict[str, object] | None = None) -> TokenFormat:
    """A format under its own name."""
    return registry.build(name, name, NEEDED.get(name, {}) if options is None else options)


def power(number: float | Fraction) -> str:
    """Two digits and a power of ten, or where it is short the number as it is."""
    if 10 <= number < 10**5:
        return f"{float(number):,.0f}"
    if 0.1 <= number < 10:
        return f"{float(number):.2g}"
    mantissa, _, exponent = f"{float(number):.1e}".partition("e")
    return f"{mantissa.removesuffix('.0')}·10<sup>{int(exponent)}</sup>"


def _spelling() -> str:
    """What the module says that does it, without its first line."""
    said = (inspect.getdoc(spelling) or "").partition("\n\n")[2]
    return f"{_SPELLING}\n{said}\n\n{_SPELLING_ENDS}"


def _format(name: str) -> str:
    made = built(name)
    facts, space = made.facts, made.space(made.facts.example)
    documented = inspect.getdoc(import_module(f"chalicelib.formats.{name}").build) or ""
    options = re.search(r"Options: (.+?)\.(?:\s+Raises|\n\n|$)", documented, re.DOTALL)
    token = space.token_at(random.Random(name).randrange(space.size))
    mask = made.mask(facts.example)
    shown = mask if isinstance(mask, str) else json.dumps(mask, separators=(",", ":"))
    clash = "opaque: see below" if space.opaque else "random: none; deterministic: see below"
    rows = {
        "options": " ".join(options[1].split()) if options else "none",
        "canonical form": facts.canonical,
        "token keeps": facts.keeps,
        "told from a value": facts.told_apart,
        "mask": facts.mask,
        "example": " → ".join(f"`{text}`" for text in (facts.example, token, shown)),
        "token space": _space(made),
        "cross-Region clash": clash,
    }
    if facts.longest_ttl_seconds:
        rows["time limit"] = f"random only, {facts.longest_ttl_seconds} seconds at most"
    documented = " ".join((inspect.getdoc(type(made)) or "").split())
    lines = [f"### `{name}`", "", documented, "", "| | |", "| --- | --- |"]
    return "\n".join(lines + [f"| {heading} | {text} |" for heading, text in rows.items()])


def _space(made: TokenFormat) -> str:
    capacity = made.capacity()
    if capacity.tokens >= 1 << OPAQUE_BITS:
        return f"2<sup>{capacity.tokens.bit_length() - 1}</sup> tokens, the same for all values: *opaque*"
    classes = f" for each of {capacity.classes:,} ends of values" if capacity.classes > 1 else ""
    return f"at least {power(capacity.tokens)} tokens{classes}"


def _room() -> str:
    rows = []
    for title, capacity in _capacities():
        most = [_most(capacity, mode, share) for mode in ("random", "deterministic") for share in (ONE, HALF)]
        rows.append(
            f"| {title} | {power(capacity.tokens * capacity.classes)} | {' | '.join(map(power, most))} |"
        )
    return "\n".join([_ROOM, *_ROOM_HEAD, *rows])


def _capacities() -> Iterator[tuple[str, Capacity]]:
    """How each kind of format is called, and what room it has."""
    for name, options in ROOMS:
        chosen = [f"`{option}` {value}".lower() for option, value in options.items() if name != "custom"]
        yield ", ".join([f"`{name}`", *chosen]), built(name, options).capacity()


def _most(room: Capacity, mode: Literal["random", "deterministic"], share: Fraction) -> int:
    """The greatest number of tokens that is let pass; all smaller ones are too."""
    fitting, over = 0, 1
    while fits(room, over, mode, share):
        fitting, over = over, 2 * over
    while over - fitting > 1:
        middle = (fitting + over) // 2
        fitting, over = (middle, over) if fits(room, middle, mode, share) else (fitting, middle)
    return fitting


def _cost() -> str:
    rows = []
    for percent in (10, 50, 90):
        fill = percent / 100
        tries, given_up = (1 - fill**MAX_PROBES) / (1 - fill), fill**MAX_PROBES
        rows.append(f"| {percent} % | {1 / (1 - fill):.2f} | {tries:.2f} | {given_up:.2%} |")
    return "\n".join([_COST, *_COST_HEAD, *rows])


def _regions() -> str:
    opaque = []
    for rate in (1, 100, 10_000):
        tokens = rate * 10 * YEAR
        met = tokens**2 / 2 / built("text").capacity().tokens
        opaque.append(f"| {rate:,} | {power(tokens)} | {power(met)} |")
    derived = []
    for title, capacity in _capacities():
        near = 2 * REPLICATION_SECONDS * YEAR / (capacity.tokens * capacity.classes)
        derived.append(f"| {title} | {power(near)} | {power(100 * near)} |")
    return "\n".join([_REGIONS, *_OPAQUE_HEAD, *opaque, _DERIVED, *_DERIVED_HEAD, *derived])


_HEAD: Final = """
# Token formats

Made by `make formats` from the code, and compared with it by a test.

A *format* says what values of an information type look like and what their tokens look like. What holds of
every one, each with a property test: spellings of one value meet in its canonical form, which is what a full
reveal returns; a token is never a value of its type, so a value that is a token already is refused; two
points of the token space are two tokens; a mask shows what is written here and no more. Types of one format
in one tenant share the token space.

The same value has another token under each `subject`, and one without a subject, of a deterministic type too:
the subject is part of what the token is derived from. Whoever joins tables by such tokens leaves the subject
out or gives the same one everywhere. A subject cannot be attached to a token later: its record is sealed
without the subject's secret, so detokenize it, tokenize the value with the subject, and erase the old token.

Subjects and metadata stand in tables in the clear, so what looks like a card number is refused there:
`chalicelib/formats/card_detector.py` says what does. An id of digits alone that is refused by chance is taken
with a letter in front of its digits.

An example reads: canonical value → token → masked reveal. The values belong to nobody. Where other libraries
judge a value otherwise is on a [page of its own](formats-compared.md).
"""

_SPELLING: Final = """
## How values may be spelled

All formats except `text` and `json` share a first step that makes one text of a value's usual spellings.
"""

_SPELLING_ENDS: Final = """
Of `email` only the ends are trimmed and the width is mapped: signs within an address may mean something. A
sign that is refused is named by its code point, since many cannot be seen; ASCII letters and digits are not
named, since they may be part of a secret that came into the wrong field.

NFC and NFD, capital and small letters, full width: what is taken in several of these spellings has one
canonical form, and that form is its own. Some of it tells values apart in `text`, `json`, local parts of
`email` and `custom`; `tests/unit/formats/test_unicode_spellings.py` says what, and why. Letters that folding
makes ASCII ones of, as U+017F and U+0131, pass for none of those in a number.
"""

_TABLES: Final = """
## Tokens in tables

Data frames and spreadsheets guess the types of columns. So no token begins with 0, `+`, `-` or `=`, and none
reads as a number in scientific notation, as a gap (`null`, `NaN`), a truth value or a date. Tokens of digits
alone (`card`, `card_number`, `custom`, `standard_number`) are read as whole numbers and come back as
written where the reader has whole numbers of that size: up to 15 digits in spreadsheets, up to 18 in pyarrow,
pandas, polars and DuckDB at their defaults. Of 19 digits, as cards of a few networks have, pandas and DuckDB
keep all, pyarrow makes floats, and polars stops with an error: have such a column, and longer ones, read as
text. So have one that mixes tokens of digits alone with others, as schemes do whose tokens of one length are
digits and of another text (`bg.vat`, `ca.bn`, `cz.dic`, `imei`, `it.codicefiscale`, `vn.mst`). Polars settles
on a type by the first 100 rows and DuckDB by some 20,000; at a text that comes later they stop with an error,
and change nothing.

A gap in a column makes floats of it in pandas, and a float holds no odd number above 2<sup>53</sup>, some
9·10<sup>15</sup>. Cards of 16 digits that begin with 2 to 8 are below that; of their tokens, about one in
seven begins with 9. So code that has treated cards as numbers without a loss may make one token out of two:
have such columns read as text (`dtype=str`). pandas does the same to cells of XLSX that hold text
(`findings/xlsx-text-cells.sh`), and two libraries for JavaScript hand out some tokens of a column as numbers
and others not (`findings/xml-sixteen-digits.sh`, `findings/dynamodb-js-bigint.sh`).

Values that a reveal returned have no such shape. pandas makes integers of quoted telephone numbers and
pyarrow floats, and all but DuckDB drop zeros in front of `digits`: read them as text, too. A column for
canonical telephone numbers has 20 characters, not 16. A year alone, which `date` takes by `accept_partial`,
is a second of 1970 to pydantic's `datetime` (`findings/pydantic-compact-dates.sh`).

A card's expiry comes back as `2027-12`. SheetJS makes a day of it when it reads CSV, in quotes too, and west
of Greenwich one of November; of `12/27`, as printed on a card, it makes the 27th of December 2001, and of
`02/30` a day in March. `card` refuses an expiry that was written so, since its month is lost: have SheetJS
read with `raw: true` (`findings/card-expiry-days.sh`).

csvkit leaves columns as they are in `csvcut` and `csvgrep`. In `csvsort`, `csvjoin` and `csvjson` it
guesses types: the accounts 0012345678 and 12345678 are one to `csvjoin`, and `csvjson` writes tokens of
digits as floats, without any gap in the column, so that it makes one of two above 2<sup>53</sup>. The option
`-I` ends both (`findings/csvkit-joins-numbers.sh`).

Some keys are written in small letters: ElectroDB's in DynamoDB, unless they have `casing: "none"`. Two
tokens of a format stay two there, except of a `custom` type whose alphabet has a letter in both cases. Two
subjects that differ in case alone are two persons here and one item there, the last that was put
(`findings/electrodb-key-case.sh`).

Monitors judge by names. Sentry's Relay blanks every field whose name has `token` or `auth` in it, and numbers
that begin as a card without a look at the check digit, so it hides some tokens of a type and shows others
(`findings/sentry-fields-of-tokens.sh`). What is to be found again there is the request's id.

`make csv-readers` tries the data frames and DuckDB, with 10,000 tokens of each format and of each scheme
(pandas 3.1, pyarrow 26.0, polars 2.1, DuckDB 2.0).
"""

_ROOM: Final = f"""
## Capacity

The policy says how many tokens of a type a tenant will have (`expected_tokens`, erased ones included;
{EXPECTED:,} where it does not). A type that they do not fit is refused when the policy loads, with the
numbers. *Random* tokens may fill half of the token space, and half of a Region's share of it where there are
several. *Deterministic* values have {MAX_PROBES} places each, for good: fewer than one value in all may find
them taken, and where there are several Regions, the chance that two of them ever take one place for two
values is under 1 in 1,000. `chalicelib/formats/capacity.py` has the formulas. The most that is let pass:
"""

_ROOM_HEAD: Final = [
    "| | | random | | deterministic | |",
    "| --- | --- | --- | --- | --- | --- |",
    "| **type** | **places** | **1 Region** | **2 Regions** | **1 Region** | **2 Regions** |",
]

_COST: Final = f"""
## What drawing costs

A drawn token whose place is taken costs one more conditional write. After {MAX_PROBES} of them the caller is
told `token_space_exhausted`, so a full space never makes a request slow. Of opaque tokens none is ever taken.
"""

_COST_HEAD: Final = [
    "| space filled to | tries until a free place | tries made | values told `token_space_exhausted` |",
    "| --- | --- | --- | --- |",
]

_REGIONS: Final = f"""
## Several Regions

*Random formatted* tokens never clash: a public hash of a token puts it into one of {SLOTS} slots, and each
slot belongs to one Region.

*Opaque* tokens are drawn from 2<sup>130</sup> wherever they are drawn. The chance that any two of ten years
ever met, whether in one Region or in several, is under n² / 2<sup>131</sup>:
"""

_OPAQUE_HEAD: Final = ["| tokens a second | n in ten years | chance of one clash |", "| --- | --- | --- |"]

_DERIVED: Final = f"""
*Deterministic* tokens are the same in every Region by construction, so one value never has two. Two values
clash only if their places are the same and both are new, one in each Region, before the write has come
across ({REPLICATION_SECONDS} seconds are counted with); within a Region the conditional write tells them
apart. The number to be expected in a year, with r new values a second in each of two Regions all year long,
is 2 · {REPLICATION_SECONDS} s · r² · year / places:
"""

_DERIVED_HEAD: Final = ["| type | r = 1 | r = 10 |", "| --- | --- | --- |"]

if __name__ == "__main__":
    PAGE.write_text(page())
