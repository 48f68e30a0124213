"""The values that are compared, drawn with a fixed seed: valid ones, other spellings, and near misses."""

import random
import string
from collections.abc import Iterator
from typing import Final

import phonenumbers

from chalicelib.formats import iban_unregistered
from chalicelib.formats.iban_countries import STRUCTURES
from chalicelib.formats.mod97 import check_digits
from chalicelib.formats.standard_number import build
from chalicelib.formats.standard_numbers.table import TABLE
from tests.support.compared import respelling
from tests.support.compared.respelling import ALNUM, respelled
from tests.support.number_walk import walk
from tests.support.standard_numbers_page import ADDED

EACH: Final = 20_000
"""Values for each of the five libraries: 100,000 in all."""

_ACCOUNTS: Final = {**STRUCTURES, **iban_unregistered.STRUCTURES}
_COUNTRIES: Final = (*sorted(_ACCOUNTS), "ZZ", "US")
_KINDS: Final = {"n": string.digits, "a": string.ascii_uppercase, "c": ALNUM}


def ibans() -> Iterator[str]:
    """Accounts of every country with right and wrong check digits, lengths, kinds and countries."""
    dice = random.Random("iban")
    for _ in range(EACH):
        yield respelled(_iban(dice), dice)


def _iban(dice: random.Random) -> str:
    country = dice.choice(_COUNTRIES)
    structure = _ACCOUNTS.get(country, "18n")
    account = "".join(dice.choice(alphabet) for alphabet in _alphabets(structure))
    fate = dice.random()
    if fate < 0.1:
        account = respelling.changed(account, dice)
    elif fate < 0.15:
        account = dice.choice([account[:-1], account + "0"])
    right = check_digits(account + country)
    if fate > 0.8:
        return country + _same(right) + account
    return f"{country}{right:02d}{account}"


def _same(right: int) -> str:
    """Check digits that leave the same remainder as the right ones, where there are such."""
    return {97: "00", 98: "01", 2: "99"}.get(right, f"{right:02d}")


def _alphabets(structure: str) -> Iterator[str]:
    count = ""
    for sign in structure:
        if sign.isdigit():
            count += sign
        else:
            yield from [_KINDS[sign]] * int(count)
            count = ""


_NAMES: Final = (
    "ada", "Ada", "a.b", "a+tag", "o'hara", "a_b-c", "x" * 64, "x" * 65, "zoë", "zoe\u0308", "用户", "почта",
    "ß", "Postmaster", "ABUSE", "a..b", ".a", "a.", '"a b"', '"ada"', "a b", "a,b", "a@b", "", "ａｄａ",
    "a\u200bb", "a\u200db", "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc", "a\u0000b", "a\u00adb", "\u212a",
    "ada(c)", "\U0001f600", "#!$%&'*/=?^`{|}~", "\u0301a", "1", "\ue000a", "a\u2028b",
)  # fmt: skip
_DOMAINS: Final = (
    "example.com", "EXAMPLE.com", "mail.example.co.uk", "münchen.example.de", "MU\u0308NCHEN.de", "faß.de",
    "xn--mnchen-3ya.de", "XN--MNCHEN-3YA.de", "xn--a.de", "例子.中国", "例子。中国", "example.test",
    "a.invalid", "example.onion", "host.local", "a.localhost", "example", "localhost", "1.2.3.4",
    "[192.0.2.1]", "[IPv6:2001:db8::1]", "example.123", "example.com.", ".example.com", "ex..ample.com",
    "-example.com",
    "example-.com", "ex_ample.com",
    "x" * 63 + ".com", "x" * 64 + ".com", "x." * 110 + "com", "a.b--c.de",
    "ab--cd.de", "exam ple.com", "", "ｅｘａｍｐｌｅ.com", "example．com", "☃.de",
    "i❤.ws", "xn--i-7iq.ws", "example.c",
    "a\u200db.de", "example.c1", "ex\u00adample.com", "\u2488com", "1.in-addr.arpa", "example.example",
    "١٢.com", "שלום.com", "xn--fa-hia.de",
)  # fmt: skip
_ENDS: Final = ("", "", "", "", "", "", " ", "\n", "\u00a0", "\u202a", "\ufeff")


def emails() -> Iterator[str]:
    """Every kind of local part in every kind of domain, some with what copying puts around them."""
    dice = random.Random("email")
    for _ in range(EACH):
        name, domain = dice.choice(_NAMES), dice.choice(_DOMAINS)
        if dice.random() < 0.5:
            name = "".join(dice.choice(string.ascii_letters + ".+-_1") for _ in range(dice.randint(1, 12)))
        elif dice.random() < 0.5:
            domain = f"{''.join(dice.choice(string.ascii_lowercase + '-1') for _ in range(5))}.org"
        address = f"{name}@{domain}"
        written = f"Ada Lovelace <{address}>" if dice.random() < 0.02 else address
        yield dice.choice(_ENDS) + written + dice.choice(_ENDS)


_FORMER: Final = ("+5215512345678", "+551161234567", "+22990011234", "+841201234567", "+84168123456")
"""Of Mexico, Brazil, Benin and Vietnam, in forms that were replaced."""


def phones() -> Iterator[str]:
    """Libphonenumber's own examples of all regions with other digits, dialled and written in all ways."""
    dice = random.Random("phone")
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    for _ in range(EACH):
        example = phonenumbers.example_number(dice.choice(regions))
        if dice.random() < 0.05:
            example = phonenumbers.parse(dice.choice(_FORMER))
        yield _dialled(example.country_code, _others(example, dice), dice)


def _others(example: phonenumbers.PhoneNumber, dice: random.Random) -> str:
    """Its national number with other last digits."""
    number = phonenumbers.national_significant_number(example)
    last = min(dice.choice([0, 1, 2, 3, 6]), len(number))
    return number[: len(number) - last] + "".join(dice.choice(string.digits) for _ in range(last))


def _dialled(code: int, national: str, dice: random.Random) -> str:
    number, way = f"+{code}{national}", dice.randrange(12)
    ways = (
        f"+{code} (0){national}", f"+{code}0{national}", f"00{code}{national}", f"0{national}",
        f"tel:{number}", f"{number} ext. 12", f"tel:{number};ext=12", f"{number[:-4]}-CALL", f"{number}0",
    )  # fmt: skip
    return ways[way] if way < len(ways) else respelled(number, dice)


_PREFIXES: Final = (
    "4", "51", "2221", "34", "37", "36", "300", "3528", "62", "6011", "65", "50", "56", "67", "2200", "9792",
    "8171", "1", "0", "9", "2014", "2131", "1800", "8600", "9860", "9704", "6304", "2205", "3095", "88", "60",
    "6062", "401178", "506699", "637095", "81", "7",
)  # fmt: skip


def cards() -> Iterator[str]:
    """First digits of every network and of none, in all lengths, with a right or a wrong check digit."""
    dice = random.Random("card")
    for _ in range(EACH):
        start, length = dice.choice(_PREFIXES), dice.choice([11, 12, 13, 14, 15, 16, 16, 16, 17, 18, 19, 20])
        digits = start + "".join(dice.choice(string.digits) for _ in range(length - len(start) - 1))
        yield respelled(digits + _luhn(digits), dice)


def _luhn(digits: str) -> str:
    total = sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(reversed(digits)))
    return str(-total % 10)


EDGES: Final[dict[str, tuple[str, ...]]] = {
    "bic": ("ABNANL2AXXX",),
    "br.cpf": ("11111111111", "00000000000"),
    "ch.vat": ("CHE107787577IVA", "CHE107787577MWST"),
    "fi.hetu": ("131052-908B", "010594Y9032"),
    "iban": ("DE99000000000000000030", "DE02000000000000000030"),
    "imei": ("49015420323751", "490154203237518"),
    "isan": ("000000018947000000000000",),
    "isbn": ("9024538270", "9789024538270"),
    "ismn": ("M230671187", "9790230671187"),
    "isin": ("EZ1234567890", "US0378331005"),
    "iso11649": ("RF1H53B07HIWE03", "RF18539007547034"),
    "kr.rrn": ("2010053123450", "9710139019902"),
    "lei": ("2F38C0K6V8LAJSJ3Q201", "213800KUD8LAJWSQ9D15"),
    "pt.cc": ("01000000ZZ2",),
    "ro.cf": ("RO18547290", "18547290"),
    "se.personnummer": ("121212+1212", "880320-0016", "701063-2391", "913803200017"),
    "us.itin": ("912503456", "912903456"),
    "us.rtn": ("176330662", "111000025"),
}
"""Published and made-up numbers on both sides of a rule that a walk rarely meets."""


def standard_numbers() -> Iterator[tuple[str, str]]:
    """Scheme and value: numbers met by walking from the example of each scheme, and their near misses."""
    names = sorted(TABLE.keys() - set(ADDED))
    for name in names:
        dice, made = random.Random(name), build(name, {"scheme": name})
        met = [*walk(made, made.scheme.example, 8, name), *EDGES.get(name, ())]
        for _ in range(EACH // len(names) + 1):
            yield name, respelled(dice.choice(met), dice)
