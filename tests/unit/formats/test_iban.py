"""IBANs in particular: all countries of the registry, and what each of them issues."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as stdnum_iban

from chalicelib.errors import InvalidValue
from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat
from chalicelib.formats.iban_countries import STRUCTURES
from tests.unit.formats.cases import iban as model


def ibans(**options: object) -> TokenFormat:
    """The format with these options."""
    return registry.build("iban", "account", options)


@pytest.mark.parametrize(
    "number",
    [
        "GB82WEST12345698765432",
        "DE89370400440532013000",
        "FR1420041010050500013M02606",
        "NO9386011117947",
        "CH9300762011623852957",
        "MT84MALT011000012345MTLCAST001S",
        "SA0380000000608010167519",
        "BR1800360305000010009795493C1",
        "LC55HEMM000100010012001200023015",
        "SC18SSCB11010000000000001497USD",
        "GR1601101250000000012300695",
        "NL91ABNA0417164300",
    ],
)
def test_the_samples_of_the_registry_are_taken(number: str) -> None:
    """Published examples of SWIFT's registry are IBANs."""
    assert ibans().canonicalize(number) == number


@pytest.mark.parametrize("number", ["BE53178600965711", "FR910900490054605Y1Z7504364", "NO4980853004156"])
def test_check_digits_within_a_countrys_numbers_are_not_looked_at(number: str) -> None:
    """Made up: the IBAN's own check digits are right, and those of the country are not."""
    assert ibans().canonicalize(number) == number


@given(st.data())
def test_what_stdnum_takes_is_taken_and_nothing_else(data: st.DataObject) -> None:
    """An IBAN with one character changed is one for us where python-stdnum says so.

    But for check digits that no bank makes, a letter among them, which it takes, and for countries whose
    structure has changed since its release of the registry.
    """
    number = data.draw(model.ibans.filter(lambda drawn: drawn[:2] not in model.LATER))
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from(model.KINDS["c"]))
    changed = number[:place] + other + number[place + 1 :]
    try:
        ibans().canonicalize(changed)
        taken = True
    except InvalidValue:
        taken = False
    issued = changed[2:4].isdigit() and changed[2:4] not in ("00", "01", "99")
    assert taken == (stdnum_iban.is_valid(changed, check_country=False) and issued)


@pytest.mark.parametrize("account", ["12ABC345000010000009795C1", "0036030500001000000979541"])
def test_banks_of_brazil_may_have_letters(account: str) -> None:
    """ISPB codes are the first eight characters of a CNPJ, which have letters since July 2026.

    IN RFB 2.229/2024. A digit may stand for the type of account too.
    """
    number = model.with_check_digits("BR", account)
    assert ibans().canonicalize(number) == number
    with pytest.raises(InvalidValue, match="length and structure"):
        ibans().canonicalize(model.with_check_digits("BR", account[:8] + "A" + account[9:]))


@given(model.ibans)
def test_each_country_is_taken_at_its_own_length_only(number: str) -> None:
    """With right check digits, but a digit more or less, it is no IBAN of any country."""
    assert ibans().canonicalize(number) == number
    for account in (number[4:] + "0", number[4:-1]):
        with pytest.raises(InvalidValue, match="length and structure"):
            ibans().canonicalize(model.with_check_digits(number[:2], account))


def test_the_countries_are_those_of_stdnum() -> None:
    """The table is the registry's, as python-stdnum has it too, except for countries changed since."""
    kinds = {
        country: "".join(kind * int(count) for count, kind in re.findall(r"([0-9]+)([nac])", structure))
        for country, structure in STRUCTURES.items()
    }
    assert kinds == {
        country: "".join(kind * count for count, kind in model.lengths(country))
        for country in model.STRUCTURES
    }


@pytest.mark.parametrize(
    "value",
    [
        "GB82 WEST 1234 5698 7654 33",
        "GB82--WEST12345698765432",
        "gb82west1234569876543\u0662",
        "XX82WEST12345698765432",
        "IBAN GB82 WEST 1234 5698 7654 32",
        "GB",
        "",
    ],
)
def test_other_text_is_refused(value: str) -> None:
    """Wrong check digits, odd separators, digits of two scripts, no country, a label in front."""
    with pytest.raises(InvalidValue):
        ibans().canonicalize(value)


@pytest.mark.parametrize(
    "number",
    [
        "AR36HQKH22436066321127963496",
        "BD71JDCX255966160",
        "CO37OQYA2313453927550",
        "GB41IXAW1396789340288",
        "PH272209800185708817",
        "TH894648228920",
    ],
)
def test_made_up_test_data_with_right_check_digits_is_refused(number: str) -> None:
    """As a generator gives them (findings/faker-ibans.sh): of countries without any, or of a wrong length."""
    with pytest.raises(InvalidValue, match=r"country|length"):
        ibans(accept_unregistered=True).canonicalize(number)


@pytest.mark.parametrize(
    ("options", "token", "mask"),
    [
        ({}, "GB03AAAA00000000000000", "GB" + "*" * 16 + "5432"),
        ({"keep_last": 4}, "GB02AAAA00000000005432", "GB" + "*" * 16 + "5432"),
        ({"keep_country": False}, "ZZ02000000000000000000", "*" * 18 + "5432"),
        ({"mask_last": 0}, "GB03AAAA00000000000000", "GB" + "*" * 20),
    ],
)
def test_tokens_look_like_numbers_of_the_country(options: dict[str, object], token: str, mask: str) -> None:
    """Letters and digits where the country has them, unless the country is hidden too."""
    made = ibans(**options)
    first = made.space("GB82WEST12345698765432").token_at(0)
    assert (first[:2], first[4:]) == (token[:2], token[4:])
    assert made.mask("GB82WEST12345698765432") == mask


@pytest.mark.parametrize(("last", "digits"), [(0, 11), (4, 7)])
def test_the_smallest_country_has_the_room_that_is_stated(last: int, digits: int) -> None:
    """Norway's account numbers have eleven digits."""
    made = ibans(keep_last=last)
    assert made.capacity().tokens == made.space("NO9386011117947").size == 96 * 10**digits
