"""Standard numbers: models of a few schemes, each with its check digits written out here once more."""

from collections.abc import Callable

from hypothesis import strategies as st

from tests.unit.formats.cases.case import Case, Strategy, separated, text_of

DIGITS, CAPITALS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def cnpj(body: str) -> str:
    """With its two check digits: IN RFB 2.229/2024."""
    for weights in ([5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]):
        rest = sum((ord(sign) - 48) * weight for sign, weight in zip(body, weights, strict=True)) % 11
        body += str(0 if rest < 2 else 11 - rest)
    return body


def sin(body: str) -> str:
    """With its Luhn digit."""
    doubled = [int(sign) * (1 + place % 2) for place, sign in enumerate(body)]
    return body + str(-sum(sum(divmod(number, 10)) for number in doubled) % 10)


def dni(number: int) -> str:
    """With its letter."""
    return f"{number:08d}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def rtn(body: str) -> str:
    """With its check digit: weights 3, 7, 1."""
    weights = [3, 7, 1, 3, 7, 1, 3, 7]
    return body + str(-sum(int(sign) * weight for sign, weight in zip(body, weights, strict=True)) % 10)


def grouped(value: str) -> Strategy:
    """With a separator between any two characters, in either case, and with spaces around."""
    return separated(value, " -.").flatmap(
        lambda text: st.sampled_from([text, text.lower(), f" {text}\u00a0"])
    )


def ending_alike(numbers: Strategy, last: int) -> Callable[[str], Strategy]:
    """A function from a value to others, if they have its kinds of signs and end alike, or else itself."""

    def seen(value: str) -> str:
        return "".join("9" if sign.isdigit() else "A" for sign in value) + value[len(value) - last :]

    return lambda value: numbers.map(lambda other: other if seen(other) == seen(value) else value)


def case(scheme: str, numbers: Strategy, last: int, **options: object) -> Case:
    """A scheme, and of how many last characters its masks tell."""
    options = {"scheme": scheme, "mask_last": last, **options}
    return Case("standard_number", options, numbers, grouped, ending_alike(numbers, last))


cnpjs = st.one_of(text_of(DIGITS, 12), text_of(DIGITS + CAPITALS, 12)).map(cnpj)
sins = st.builds(lambda first, rest: sin(first + rest), st.sampled_from("1234567"), text_of(DIGITS, 7))
prefixes = st.sampled_from("ABCEHJ").flatmap(lambda first: st.sampled_from([f"{first}A", f"{first}H"]))
ninos = st.builds("{}{}{}".format, prefixes, text_of(DIGITS, 6), st.sampled_from("ABCD"))
districts = st.sampled_from([1, 12, 21, 32, 61, 72, 80])
rtns = st.builds(lambda district, rest: rtn(f"{district:02d}{rest}"), districts, text_of(DIGITS, 6))

CASES = [
    case("br.cnpj", cnpjs.filter(lambda value: not value.startswith("0" * 12)), 1),
    case("ca.sin", sins, 1, keep_last=1),
    case("es.dni", st.integers(1, 99_999_999).map(dni), 0),
    case("gb.nino", ninos, 1, keep_last=1),
    case("us.rtn", rtns, 0),
]
