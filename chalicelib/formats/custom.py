"""Formats that an adopter makes up in the policy: numbers of members, contracts, vehicles, devices."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar, Final

from chalicelib.errors import InvalidValue
from chalicelib.formats.base import Capacity, FormatFacts, Options, TokenSpace
from chalicelib.formats.custom_checks import CHECKS, CHOICES, Check
from chalicelib.formats.custom_places import CAPITALS, FILLER, SMALL, Places, read_places
from chalicelib.formats.options import OptionReader
from chalicelib.formats.preserved import Limits, Preserved, read_preserved
from chalicelib.formats.shapes import DIGITS, NONZERO, numbered
from chalicelib.formats.spelling import limited, plain, refused

_MARKS: Final = "kqwzhx~_vgcjbmp"
"""No hyphen among them: people leave hyphens out. No digit, no dot, and no letter of null, none, nan, true,
false, inf or an exponent: a token with a mark is text to whatever reads it. Those of no month come first."""

_NUMBERS_GO_ON: Final = "_"
"""A mark that readers of numbers skip between digits (Python, YAML 1.1), so it only stands in front."""

_BREAKERS: Final = CAPITALS.replace("E", "")
"""Letters with which digits are no number, wherever among them they stand. An E may be an exponent's."""

_DROPPED: Final = ("0", "-")
"""What no token begins with: readers of numbers drop a 0, and in spreadsheets a hyphen begins a formula."""

_LEAST_REPLACED: Final = 3
"""However much a policy keeps or shows, so much of the shortest value it does not."""

_MORE_PLACES: Final = "allow more characters or places"

_FOLDS: Final = ("none", "upper", "lower")
_SEPARATORS: Final = frozenset(" -./:_,;'()|+*#\\")
_MOST_IGNORED: Final = 16


@dataclass(frozen=True)
class Custom:
    """Values of an alphabet and of a range of lengths, or of a pattern; tokens are as long.

    A pattern says what stands at each place: `[A-CEGHJ-PR-TW-Z]{2}[0-9]{6}[A-D]`, or several such with a bar
    between; tokens have letters and digits at the same places. What is no set stands for itself: a value of
    `WEB-[0-9]{10}` has a token such as `kEB-6785968600`, and by `keep_first` 4 one such as `WEB-k179996261`.
    `fold` (`upper`, `lower`) makes one case of a value, and `ignore` drops separators. `check_prefix` is what
    the check counts in front of the value: 80840 for an NPI. `mrz` is the check digit of ICAO Doc 9303, with
    the filler `<`.

    With a check digit, tokens are of the same alphabet and fail it; where the alphabet has letters, one other
    than E stands in each. Without one, a mark that no value has, not even with its case folded, stands in a
    token where the replaced characters begin. A value that begins with 0 or a hyphen keeps no first
    characters.
    """

    name: ClassVar[str] = "custom"
    facts: ClassVar[FormatFacts] = FormatFacts(
        example="004711000844",
        canonical="characters of `alphabet`, `length` or `min_length` to `max_length` of them, or of "
        "`pattern`, and by `check_digit` (`luhn`, `mod97`, `mrz`) a check they pass; case counts except by "
        "`fold`, no separators except by `ignore`",
        mask="length; by `mask_first` and `mask_last` so many characters, at least 3 are starred",
        keeps="length; by `keep_first` and `keep_last` so many characters, at least 3 are replaced",
        told_apart="a token fails the check digit, or has a mark that is not in the alphabet",
    )
    places: Places
    kept: Preserved
    shown: Preserved
    mark: str
    check: Check | None = None
    fold: str = "none"
    ignore: str = ""

    def canonicalize(self, value: object) -> str:
        spelled = plain(value, (2 if self.ignore else 1) * self.places.longest)
        text = _folded(self.fold, spelled.translate(dict.fromkeys(map(ord, self.ignore))))
        limited(text, self.places.longest)
        if len(text) < self.places.shortest:
            raise InvalidValue(f"must have at least {self.places.shortest} characters")
        if not set(text) <= self.places.characters:
            raise refused(text, self.places.characters, "has characters that are not in the alphabet")
        if not self.places.shape_of(text):
            raise InvalidValue("has not the length or the kinds of characters that the pattern says")
        if self.check and not self.check.passes(text):
            raise InvalidValue("fails the check digit: mistyped, or a token already")
        return text

    def present(self, canonical: str) -> object:
        return canonical

    def mask(self, canonical: str) -> str:
        return self.shown.mask(canonical)

    def space(self, canonical: str) -> TokenSpace:
        kept = self._kept(canonical)
        head, tail = kept.head(canonical), kept.tail(canonical)
        return self._space(head, tail, self._drawn(kept, self.places.shape_of(canonical) or ()))

    def _space(self, head: str, tail: str, drawn: list[str]) -> TokenSpace:
        size = prod(map(len, drawn))
        if self.check is None:
            return TokenSpace(size, lambda point: f"{head}{self.mark}{numbered(point, drawn)}{tail}")
        failing = self.check.failing

        def token_at(point: int) -> str:
            rest, choice = divmod(point, CHOICES)
            return failing(head + numbered(rest, drawn), choice, tail)

        return TokenSpace(CHOICES * size, token_at)

    def capacity(self) -> Capacity:
        """Only of digits is it taken for granted that they fall evenly."""
        kinds = {self.kept, self.kept.without_first()}
        sizes = [prod(map(len, self._drawn(kept, shape))) for kept in kinds for shape in self.places.shapes]
        ends = {characters for shape in self.places.shapes for characters in self.kept.tail_of(shape)}
        classes = 10**self.kept.last if ends <= {DIGITS} else 1
        room = ", or ".join(filter(None, (self.kept.room, _MORE_PLACES)))
        return Capacity(min(sizes) * (CHOICES if self.check else 1), classes, room)

    def recognizes(self, text: str) -> bool:
        if not self.places.shortest <= len(text) <= self.places.longest or text.startswith(_DROPPED):
            return False
        if self.check:
            return set(text) <= self.places.characters and not self.check.passes(text)
        place = next((place for place in (0, self.kept.first) if text[place] == self.mark), None)
        return place is not None and set(text[:place] + text[place + 1 :]) <= self.places.characters

    def sample_spaces(self) -> list[TokenSpace]:
        """Of each shape that values have, as if tokens kept nothing of them."""
        return [self._space("", "", self._drawn(Preserved(), shape)) for shape in self.places.shapes]

    def _kept(self, canonical: str) -> Preserved:
        return self.kept.without_first() if canonical.startswith(_DROPPED) else self.kept

    def _drawn(self, kept: Preserved, shape: Sequence[str]) -> list[str]:
        """What is drawn at each replaced place but that of the mark, or of the digit that fails the check."""
        spare = min(self.places.characters - {FILLER})
        replaced = [characters.replace(FILLER, "") or spare for characters in shape]
        replaced = replaced[kept.first : len(shape) - kept.last]
        return _never_a_number(replaced[:-1], at_front=not kept.first) if self.check else replaced[1:]


def build(_type_name: str, options: Options) -> Custom:
    """Options: `alphabet` (every character, no ranges: `"0123456789"`) with `length`, or with `min_length`
    and `max_length`; or `pattern` (`"[0-9]{8}"`); `check_digit` (`none`, `luhn`, `mod97`, `mrz`),
    `check_prefix`; `fold` (`none`, `upper`, `lower`), `ignore`; and `keep_first`, `keep_last`, `mask_first`,
    `mask_last`, all 0 where the policy does not say.

    Raises `ConfigurationError`, also where no character is left to mark tokens with.
    """
    read = OptionReader(options)
    places = read_places(read)
    most = places.shortest - _LEAST_REPLACED
    kept, shown = read_preserved(read, Limits(first=most, last=most, default_shown=0))
    if max(kept.first + kept.last, shown.first + shown.last) > most:
        read.problem(f"must replace and mask at least {_LEAST_REPLACED} characters of the shortest value")
    fold, ignore = _spellings(read, places)
    check = _check(read, places, kept)
    mark = _mark({*places.characters, *ignore}, in_front=not kept.first)
    if not (check or mark):
        read.problem(
            "option alphabet leaves no character to mark tokens with, and there is no check digit; keep no "
            "first characters, or leave a letter out"
        )
    if FILLER in places.characters and kept != Preserved():
        read.problem("options keep_first and keep_last must be 0 where values have <: tokens stand in URLs")
    read.close()
    return Custom(places, kept, shown, mark, check, fold, ignore)


def _mark(taken: set[str], *, in_front: bool) -> str:
    """A character that no value has, in either case; nothing if there is none."""
    marks = _MARKS if in_front else _MARKS.replace(_NUMBERS_GO_ON, "")
    return next((mark for mark in marks if not {mark, mark.upper()} & taken), "")


def _folded(fold: str, text: str) -> str:
    """In one case, where it is ASCII: other letters are in no alphabet, and some fold into it."""
    if fold == "none" or not text.isascii():
        return text
    return text.upper() if fold == "upper" else text.lower()


def _spellings(read: OptionReader, places: Places) -> tuple[str, str]:
    """The case that values are folded to, and the separators that are dropped."""
    fold, ignore = read.choice("fold", "none", _FOLDS), read.text("ignore", "")
    folded_away = {"none": "", "upper": SMALL, "lower": CAPITALS}[fold]
    if set(folded_away) & places.characters:
        read.problem(f"option fold is {fold}, so values have no {folded_away[0]}-{folded_away[-1]}")
    if len(ignore) > _MOST_IGNORED or not set(ignore) <= _SEPARATORS - places.characters:
        read.problem("option ignore must be separators that are not in the alphabet")
    return fold, ignore


def _check(read: OptionReader, places: Places, kept: Preserved) -> Check | None:
    prefix = read.text("check_prefix", "")
    check = CHECKS.get(read.choice("check_digit", "none", ("none", *CHECKS)))
    if check is None:
        if prefix:
            read.problem("option check_prefix needs a check_digit")
        return None
    if not set(DIGITS) <= places.characters <= check.knows:
        read.problem(
            "option check_digit needs an alphabet of digits, all of them, and for mod97 and mrz capitals"
        )
    if not set(prefix) <= check.knows - {FILLER}:
        read.problem("option check_prefix has characters that the check digit does not know")
    if not all(_has_digits(shape[-check.digits :]) for shape in places.shapes):
        read.problem(f"takes no value: the last {check.digits} of each must be check digits, 0 to 9")
    if not all(_has_digits(shape[len(shape) - kept.last - 1 :][:1]) for shape in places.shapes):
        read.problem("needs a digit of its own to fail the check with, in front of what keep_last keeps")
    if any(_may_be_a_number(shape, kept) for shape in places.shapes):
        read.problem(
            "has tokens that read as numbers, digits around an E: keep nothing, or add another letter"
        )
    return check.behind(prefix) if prefix else check


def _has_digits(places: Sequence[str]) -> bool:
    """Whether each place may have any digit."""
    return all(set(DIGITS) <= set(characters) for characters in places)


def _may_be_a_number(shape: Sequence[str], kept: Preserved) -> bool:
    """Whether an E could stand in a token without any other letter beside it."""
    replaced = shape[kept.first : len(shape) - kept.last - 1]
    if any(set(characters) & set(_BREAKERS) for characters in replaced):
        return False
    ends = [*shape[: kept.first], *kept.tail_of(shape)]
    return "E" in replaced or any("E" in characters for characters in ends)


def _never_a_number(drawn: list[str], *, at_front: bool) -> list[str]:
    """The same places, one with letters only if that can be: no token reads as 12E45, or begins with 0."""
    letters = ["".join(filter(_BREAKERS.__contains__, characters)) for characters in drawn]
    place = next((place for place, found in enumerate(letters) if found), None)
    apart = [characters.replace("E", "") or characters for characters in drawn] if place is None else [*drawn]
    if place is not None:
        apart[place] = letters[place]
    if at_front:
        apart[0] = apart[0].replace("0", "") or NONZERO
    return apart
