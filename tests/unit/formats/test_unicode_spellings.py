"""One value has one canonical form: under NFC and NFD, case and width, of every format.

Another spelling of a value is taken as the same canonical form or refused, never as another one, and a
canonical form is its own. Where case, width or normalisation tell values apart by design, `COUNTS` says so.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat
from chalicelib.formats.standard_numbers.table import TABLE
from tests.support.number_walk import taken
from tests.unit.formats.cases.case import Case
from tests.unit.formats.cases.email import DOMAINS
from tests.unit.formats.cases.every import CASES

quick = settings(max_examples=settings.default.max_examples // 15)  # type: ignore[union-attr]


@dataclass(frozen=True)
class Counts:
    """Why case, width or normalisation tell values of a format apart. Empty where they do not."""

    case: str = ""
    width: str = ""
    form: str = ""


CARD: Final = "4111111111111111"
NOTHING: Final = Counts()
AS_IT_IS: Final = "what comes back is what was handed in, sign by sign"
COUNTS: Final = {
    "card_number": NOTHING,
    "card": Counts(case="a holder's name is kept as it was handed in, and nobody folds names without harm"),
    "us_ssn": NOTHING,
    "iban": NOTHING,
    "email": Counts(case="the local part's case is its domain's business: RFC 5321, 2.4"),
    "phone": NOTHING,
    "date": NOTHING,
    "digits": NOTHING,
    "text": Counts(case=AS_IT_IS, width=AS_IT_IS, form=AS_IT_IS),
    "json": Counts(case=AS_IT_IS, width=AS_IT_IS, form=AS_IT_IS),
    "card_verification_code": NOTHING,
    "custom": Counts(case="an alphabet may have capital and small letters"),
    "standard_number": NOTHING,
}
"""A new format decides here what of a spelling means something in its values."""


def counts(format_name: str, options: dict[str, Any]) -> Counts:
    """What counts under these options."""
    named = COUNTS[format_name]
    if format_name == "custom" and options.get("fold", "none") != "none":
        return NOTHING
    if format_name == "text" and options.get("normalize") == "NFC":
        return Counts(case=named.case, width=named.width)
    return named


TRAPS: Final = (
    *("\u00df", "\u1e9e", "\u0130", "\u0131", "\u017f", "\u03c2", "\u03a3", "\u212a", "\u212b", "\u2126"),
    *("J\u030c", "j\u030c", "\u01f0", "\u0345", "\u0301", "\u0323", "\u0307", "\u0338", "\u0344", "\u0f73"),
    *("\u03b1", "\u1fb3", "\u01c5", "\u01c6", "\u0149", "\ufb00", "\ufb06", "n\u0303", "\u00d1", "\u1100"),
    *("\u1161", "\u11a8", "\uac00", "\uff76", "\uff9e", "\u037e", "\u1fef", "\u2001", "\uff2b"),
    "\u03b1\u0345\u0301",
)
"""Letters whose case is more than one letter, ASCII, or final; marks that move or compose; signs that are
canonically others. Signs that NFC makes ASCII are among them, and kana of half width, whose marks compose."""

pieces = st.lists(st.sampled_from([*TRAPS, *"aeiJkS"]), min_size=1, max_size=5).map("".join)
addresses = st.builds(
    lambda local, label, domain: f"{local}@{label}.{domain}",
    pieces,
    pieces,
    st.sampled_from([*DOMAINS, "example.com"]),
)
CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
hexadecimal = st.text("0123456789abcdef", min_size=12, max_size=12)
documents = st.sampled_from(["L898902C36", "D231458907"])  # Doc 9303, part 4, appendix A, and part 5


def spelled_plainly(value: object) -> st.SearchStrategy[Any]:
    """In the canonical spelling; the test makes the others."""
    return st.just(value)


def more(name: str, options: dict[str, Any], values: st.SearchStrategy[Any]) -> Case:
    """A case beside those of all invariants, which draws no siblings."""
    return Case(name, options, values, spelled_plainly, spelled_plainly)


MORE: Final = [
    more("email", {}, addresses),
    more("email", {"fold_local": True}, addresses),
    more("email", {"fold_local": True, "accept_quoted": True, "accept_dots": True}, addresses),
    more("text", {"normalize": "NFC"}, pieces),
    more(
        "custom",
        {"alphabet": "0123456789abcdef", "length": 12, "fold": "lower", "ignore": " :-"},
        hexadecimal,
    ),
    more("custom", {"pattern": "[A-Z0-9]{9}[0-9]", "check_digit": "mrz", "fold": "upper"}, documents),
    more(
        "standard_number", {"scheme": "mx.rfc"}, st.sampled_from(["GODE561231GR8", "\u00d1U\u00d1E561231GR8"])
    ),
]
every_case = pytest.mark.parametrize("case", [*CASES, *MORE], ids=str)


def upper(character: str) -> str:
    """The capital of a letter, where that has this small one: an i has, and a dotless i has not."""
    other = character.upper()
    return other if other.lower() == character and len(other) == 1 else character


def lower(character: str) -> str:
    """The small letter of a capital, where that has this capital: a K has, and a Kelvin sign has not."""
    other = character.lower()
    return other if other.upper() == character and len(other) == 1 else character


def wide(text: str) -> str:
    """ASCII as full-width signs: U+FF01 to U+FF5E."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def recased(case: Case, text: str, change: Callable[[str], str]) -> str:
    """Another case of what has none by design; of a folded local part, A-Z only, once it is in NFC."""
    if case.format_name != "email":
        return text if counts(case.format_name, case.options).case else "".join(map(change, text))
    local, at, domain = text.rpartition("@")
    if case.options.get("fold_local"):
        composed = unicodedata.normalize("NFC", local)
        local = "".join(change(sign) if sign.isascii() else sign for sign in composed)
    return local + at + "".join(map(change, domain))


def spellings(case: Case, text: str) -> Iterator[str]:
    """The text, and it in each case, width and normal form that means nothing."""
    meaning = counts(case.format_name, case.options)
    for cased in (text, recased(case, text, upper), recased(case, text, lower)):
        for sized in {cased, cased if meaning.width else wide(cased)}:
            yield sized
            if not meaning.form:
                yield from (unicodedata.normalize(form, sized) for form in ("NFC", "NFD"))


def spellings_of(case: Case, value: object) -> Iterator[object]:
    """Those of a text, or of each text in an object one after the other."""
    if isinstance(value, str):
        yield from spellings(case, value)
    elif isinstance(value, dict) and case.format_name == "card":
        yield value
        for field, text in value.items():
            yield from ({**value, field: other} for other in spellings_of(case, text))
    else:
        yield value


def check(case: Case, value: object) -> bool:
    """All spellings of a value that are taken have one canonical form, which is its own canonical form.

    Answers whether any is taken.
    """
    texts = spellings_of(case, value)
    forms = {ascii(text): form for text in texts if (form := taken(case.format, text)) is not None}
    assert len(set(forms.values())) <= 1, forms
    for form in set(forms.values()):
        assert case.format.canonicalize(case.format.present(form)) == form
    return bool(forms)


def test_every_format_says_what_counts() -> None:
    """No format in the table goes without an answer, and what counts has its reason."""
    assert set(COUNTS) == set(registry.FORMATS)


@pytest.mark.parametrize(
    ("format_name", "options", "spelled", "other"),
    [
        ("card", {}, {"number": CARD, "holder": "Ada"}, {"number": CARD, "holder": "ADA"}),
        ("email", {}, "Ada@example.com", "ada@example.com"),
        ("email", {"fold_local": True}, "\u00c4rger@example.com", "\u00e4rger@example.com"),
        ("text", {}, "Ada", "ada"),
        ("text", {}, "7", "\uff17"),
        ("text", {}, "\u00e9", "e\u0301"),
        ("text", {"normalize": "NFC"}, "7", "\uff17"),
        ("json", {}, "Ada", "ada"),
        ("json", {}, "7", "\uff17"),
        ("json", {}, "\u00e9", "e\u0301"),
        ("custom", {"alphabet": "abcABC0123456789", "length": 8}, "abc00000", "ABC00000"),
    ],
)
def test_what_counts_tells_values_apart(
    format_name: str, options: dict[str, object], spelled: object, other: object
) -> None:
    """An exception of `COUNTS` that is none any more fails here."""
    made = registry.build(format_name, "some-type", options)
    assert made.canonicalize(spelled) != made.canonicalize(other)


@every_case
@quick
@given(data=st.data())
def test_no_spelling_is_another_value(case: Case, data: st.DataObject) -> None:
    """Of any value, copied from anywhere, in NFC and NFD, in either case, in full width."""
    some = check(case, data.draw(case.spell(data.draw(case.identities))))
    assert some or case.identities is addresses  # of those, some domains are refused


@every_case
@quick
@given(data=st.data())
def test_no_spelling_with_a_trap_is_another_value(case: Case, data: st.DataObject) -> None:
    """With letters in it whose case or composition surprises, if the format takes them at all."""
    spelled = data.draw(case.spell(data.draw(case.identities)))
    if case.format_name == "card":
        check(case, {**spelled, "holder": with_a_trap(data, "Ada Lovelace")})
    elif isinstance(spelled, str):
        check(case, with_a_trap(data, spelled))


def with_a_trap(data: st.DataObject, text: str) -> str:
    """The text with such letters in it somewhere."""
    place = data.draw(st.integers(0, len(text)))
    return text[:place] + data.draw(pieces) + text[place:]


LOOK_ALIKE: Final = {
    "\u017f": "S", "\u0131": "I", "\u0130": "I", "\u212a": "K", "\u00df": "SS", "\u1e9e": "SS",
    "\ufb00": "FF", "\ufb01": "FI", "\ufb06": "ST", "\u01f0": "J", "\u0149": "N",
    "\u00c5": "A", "\u0430": "A", "\u0391": "A",
}  # fmt: skip
"""Letters that folding, or an eye, takes for ASCII ones."""


def with_look_alikes(text: str) -> Iterator[tuple[str, str]]:
    """The text with one such letter in the place of those that it is taken for, and the letter."""
    for letter, plain in LOOK_ALIKE.items():
        for written in {plain, plain.lower()}:
            if written in text:
                yield text.replace(written, letter, 1), letter


def check_look_alikes(token_format: TokenFormat, canonical: str) -> None:
    """They are refused, but for a Kelvin sign, which canonically is a K."""
    for text, letter in with_look_alikes(canonical):
        allowed = (None, canonical) if letter == "\u212a" else (None,)
        assert taken(token_format, text) in allowed, (ascii(text), canonical)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_no_spelling_of_a_standard_number_is_another(name: str) -> None:
    """Of every scheme: its example in all spellings, and with letters that pass for those of ASCII."""
    case = more("standard_number", {"scheme": name}, st.none())
    assert check(case, TABLE[name].rpartition(" ")[2])
    check_look_alikes(case.format, case.format.canonicalize(TABLE[name].rpartition(" ")[2]))


@pytest.mark.parametrize(
    ("format_name", "options", "value"),
    [
        ("iban", {}, "GB82WEST12345698765432"),
        ("iban", {}, "MT84MALT011000012345MTLCAST001S"),
        ("custom", {"alphabet": CAPITALS, "length": 8, "fold": "upper"}, "SSKIFFAJ"),
        ("custom", {"alphabet": CAPITALS.lower(), "length": 8, "fold": "lower"}, "sskiffaj"),
        ("custom", {"alphabet": CAPITALS, "length": 8}, "SSKIFFAJ"),
        ("standard_number", {"scheme": "bic"}, "CSSKFRPPXXK"),
        ("standard_number", {"scheme": "isin"}, "US0378331005"),
        ("standard_number", {"scheme": "vin"}, "WSSKF00000K000000"),
    ],
)
def test_no_letter_passes_for_one_of_ascii(format_name: str, options: dict[str, object], value: str) -> None:
    """A long s, a dotless i, a sharp s: folding them would make one value of two texts."""
    made = registry.build(format_name, "some-type", options)
    check_look_alikes(made, made.canonicalize(value))


ADDRESSES: Final = [
    # local part or domain, and what it is in the canonical form with `fold_local`
    ("J\u030can@example.com", "\u01f0an@example.com", "folded first, then composed: RFC 8264, 7"),
    ("\u212a@example.com", "k@example.com", "a Kelvin sign is canonically a K: UAX 15"),
    ("\u212b@example.com", "\u00c5@example.com", "an Angstrom sign is; beyond ASCII nothing is folded"),
    ("\u017f@example.com", "\u017f@example.com", "compatible with s, and not the same"),
    ("stra\u00dfe@example.com", "stra\u00dfe@example.com", "not strasse"),
    ("\u0130\u0131@example.com", "\u0130\u0131@example.com", "letters of Turkish"),
    ("\u03c3\u03c2@example.com", "\u03c3\u03c2@example.com", "a final sigma stays"),
    ("\u03b1\u0345\u0301@example.com", "\u1fb4@example.com", "marks in canonical order"),
    ("a@\u212a.example", "a@k.example", "UTS 46 maps it, and so does UAX 15"),
    ("a@\u03b1\u0345\u0301.example", "a@xn--hxa0a.example", "normalised before it is mapped"),
    ("a@\u1fb4.example", "a@xn--hxa0a.example", "the same, composed"),
    ("a@\u0386\u0345.example", "a@xn--hxa0a.example", "and in capitals, which do not compose as far"),
    ("a@fa\u00df.example", "a@xn--fa-hia.example", "IDNA 2008 tells it from fass: RFC 5894, 7.2"),
    ("a@\u03c3\u03c2.example", "a@xn--3xab.example", "and a final sigma from another"),
]


@pytest.mark.parametrize(("spelled", "canonical", "rule"), ADDRESSES, ids=ascii)
def test_addresses_with_such_letters(spelled: str, canonical: str, rule: str) -> None:
    """Which of them are one mailbox, by which rule."""
    made = registry.build("email", "some-type", {"fold_local": True})
    forms = {spelled, *(unicodedata.normalize(form, spelled) for form in ("NFC", "NFD"))}
    assert {made.canonicalize(form) for form in forms} == {canonical}, rule
