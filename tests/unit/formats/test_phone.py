"""Telephone numbers in particular: of all countries, in all their spellings."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    SUPPORTED_REGIONS,
    NumberParseException,
    PhoneMetadata,
    PhoneNumberFormat,
    example_number,
    format_number,
    is_possible_number,
    parse,
)

from chalicelib.errors import InvalidValue
from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat
from tests.support.patterns import drawn


def phones(**options: object) -> TokenFormat:
    """The format with these options."""
    return registry.build("phone", "mobile", options)


@pytest.mark.parametrize("region", sorted(SUPPORTED_REGIONS))
def test_numbers_of_all_countries_are_taken(region: str) -> None:
    """The example of each region, as it is written on a business card there, has one canonical form."""
    number = example_number(region)
    canonical = phones().canonicalize(format_number(number, PhoneNumberFormat.E164))
    assert canonical == format_number(number, PhoneNumberFormat.E164)
    international = format_number(number, PhoneNumberFormat.INTERNATIONAL)
    assert phones().canonicalize(international) == canonical


@pytest.mark.parametrize(
    ("spelled", "canonical"),
    [
        ("+1 (202) 555-0123", "+12025550123"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+44 20 7946 0958", "+442079460958"),
        ("+49 (0) 30 901820", "+4930901820"),
        ("+39 06 12345678", "+390612345678"),
        ("+54 11 15 1234 5678", "+5491112345678"),
        ("+54 9 11 1234 5678", "+5491112345678"),
        ("+800 1234 5678", "+80012345678"),
    ],
)
def test_spellings_of_one_number_meet(spelled: str, canonical: str) -> None:
    """Trunk prefixes fall away, but for Italy's, which is part of the number."""
    assert phones().canonicalize(spelled) == canonical


@pytest.mark.parametrize(
    "value",
    [
        "",
        "+",
        "2025550123",
        "0044 20 7946 0958",
        "+1202555012",
        "+1 555 0123",
        "+49 12",
        "+120255501234",
        "+999 1234567",
        "+01234567890123",
        "+1 202 555 0123 ext. 5",
        "+1 800 FLOWERS",
        "tel:+12025550123;ext=5",
        "tel:2025550123",
        "sip:+12025550123",
        "+1\u0662025550123",
        "+1----2025550123-",
        12025550123,
    ],
)
def test_other_text_is_refused(value: object) -> None:
    """No country, wrong length, no area code, no such country, extensions, letters, two scripts."""
    with pytest.raises(InvalidValue):
        phones().canonicalize(value)


KINDS = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
)
KINDS += ("uan", "voicemail")
REGIONS = sorted((code, region) for code, held in COUNTRY_CODE_TO_REGION_CODE.items() for region in held)


@pytest.mark.parametrize(("code", "region"), REGIONS, ids=str)
def test_no_number_in_use_becomes_another(code: int, region: str) -> None:
    """Numbers drawn from every pattern of every region's metadata: each is its own canonical form.

    PH-01: https://github.com/google/libphonenumber/pull/3358, +3758101234567 lost its 8.
    """
    draw = random.Random(f"{code}{region}")
    known = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    patterns = [getattr(known, kind).national_number_pattern for kind in KINDS if getattr(known, kind, None)]
    numbers = [f"+{code}{drawn(pattern, draw)}" for pattern in patterns if pattern for _ in range(8)]
    assert [phones().canonicalize(number) for number in numbers] == numbers


@pytest.mark.parametrize(
    ("former", "present"),
    [
        ("+22997123456", "+2290197123456"),
        ("+551187654321", "+5511987654321"),
        ("+555196543210", "+5551996543210"),
        ("+5215512345678", "+525512345678"),
        ("+841621234567", "+84321234567"),
        ("+841201234567", "+84701234567"),
        ("+841991234567", "+84591234567"),
    ],
)
def test_a_number_that_was_replaced_is_the_one_in_its_place(former: str, present: str) -> None:
    """One subscriber, one canonical form: Benin, Brazil, Mexico, Vietnam.

    PH-04: https://github.com/daviddrysdale/python-phonenumbers/issues/306; PH-06:
    https://github.com/mobi/telephone_number/issues/138.
    """
    assert phones().canonicalize(former) == phones().canonicalize(present) == present


@pytest.mark.parametrize("number", ["+551177654321", "+551132654321", "+22980012345", "+525512345678"])
def test_a_number_that_was_not_replaced_stays(number: str) -> None:
    """Trunked radio and fixed lines of Brazil, short numbers of Benin, today's numbers of Mexico."""
    assert phones().canonicalize(number) == number


def test_the_longest_number_has_as_many_characters_as_the_page_says() -> None:
    """19 digits and the +, four digits more than E.164 has: what a column of them has to hold."""
    metadata = PhoneMetadata.metadata_for_region_or_calling_code
    described = [(code, metadata(code, region)) for code, region in REGIONS]
    digits = max(len(str(code)) + max(known.general_desc.possible_length) for code, known in described)
    longest = "+8100372000000000000"
    assert (1 + digits, len(longest)) == (20, 20)
    assert phones().canonicalize(longest) == longest


@pytest.mark.parametrize("keep_last", [0, 4])
@given(data=st.data())
def test_no_token_is_a_number(keep_last: int, data: st.DataObject) -> None:
    """libphonenumber finds no country in a token, so none can ring."""
    space = phones(keep_last=keep_last).space("+12025550123")
    token = space.token_at(data.draw(st.integers(0, space.size - 1)))
    with pytest.raises(NumberParseException):
        parse(token)


@given(st.integers(10**6, 10**15 - 1))
def test_a_canonical_number_stays_one(digits: int) -> None:
    """Whatever is taken is an E.164 number that libphonenumber reads as itself."""
    try:
        canonical = phones().canonicalize(f"+{digits}")
    except InvalidValue:
        return
    assert is_possible_number(parse(canonical))
    assert phones().canonicalize(canonical) == canonical


@pytest.mark.parametrize(
    ("number", "kept", "mask"),
    [
        ("+29023456", "56", "*******56"),
        ("+431234", "34", "*****34"),
        ("+6834567", "67", "******67"),
        ("+299123456", "456", "*******456"),
        ("+4532123456", "3456", "*******3456"),
        ("+12025550123", "0123", "********0123"),
    ],
)
def test_half_of_a_short_number_is_hidden(number: str, kept: str, mask: str) -> None:
    """Of four digits behind a country code two are shown and kept, and not all of them."""
    keeping = phones(keep_last=4)
    assert keeping.canonicalize(number) == number
    assert keeping.mask(number) == mask
    space = keeping.space(number)
    assert space.size == 14 * 32 ** (15 - len(kept))
    assert space.token_at(0) == "b" + "0" * (15 - len(kept)) + kept
