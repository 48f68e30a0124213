"""Values that users of other software met: what is right by the standard, and where they were met."""

# ruff: noqa: E501 - a case reads best as one row

import unicodedata
from datetime import date

import pytest

from chalicelib.errors import InvalidValue
from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat

DIGITS, CAPITALS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
REFUSED = None
CARD = "4111111111111111"
MOBILE = "+12025550123"
LEI = {"alphabet": DIGITS + CAPITALS, "length": 20, "check_digit": "mod97"}
SIN = {"alphabet": DIGITS, "length": 9, "check_digit": "luhn"}
NINO = {"pattern": "[A-CEGHJ-PR-TW-Z]{2}[0-9]{6}[A-D]", "fold": "upper", "ignore": " .-"}
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645@example.com"
GITHUB = "https://github.com/"

CASES = [
    # id, where it was met, format, options, value, canonical form (or REFUSED)
    ("CN-02", "braintree/card-validator/issues/112", "card_number", {}, "6221558812340000", REFUSED),
    (
        "CN-02",
        "braintree/card-validator/issues/112",
        "card_number",
        {"accept_unionpay_without_luhn": True},
        "6221558812340000",
        "6221558812340000",
    ),
    ("CN-04", "bendrucker/creditcards-types/issues/4", "card_number", {}, "5018 0000 0009", "501800000009"),
    ("CN-10", "activemerchant/active_merchant/issues/1783", "card_number", {}, f"{CARD} ", CARD),
    ("CN-11", "Respect/Validation/issues/1431", "card_number", {}, "4111\u00a01111\u00a01111\u00a01111", CARD),
    ("CN-11", "Respect/Validation/issues/1431", "card_number", {}, "4111\u202f1111\u202f1111\u202f1111", CARD),
    ("IB-02", "mdomke/schwifty/issues/141", "iban", {}, "MA64011519000001205000534921", REFUSED),
    ("IB-05", "firefly-iii/firefly-iii/issues/1131", "iban", {}, "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000",
     "DE89370400440532013000"),
    ("EM-02", "wasp-lang/wasp/issues/4698", "email", {"fold_local": True}, "J\u030can@example.com", "\u01f0an@example.com"),
    ("EM-02", "wasp-lang/wasp/issues/4698", "email", {"fold_local": True}, "\u01f0an@example.com", "\u01f0an@example.com"),
    ("EM-04", "EC-CUBE/ec-cube/issues/1325", "email", {}, "name..example@docomo.ne.jp", REFUSED),
    ("EM-04", "EC-CUBE/ec-cube/issues/1325", "email", {"accept_dots": True}, "name..example@docomo.ne.jp",
     "name..example@docomo.ne.jp"),
    ("EM-06", "exceedone/exment/issues/800", "email", {"accept_quoted": True}, '"name..example"@docomo.ne.jp',
     '"name..example"@docomo.ne.jp'),
    ("EM-06", "exceedone/exment/issues/800", "email", {"accept_quoted": True, "accept_dots": True},
     '"name..example"@docomo.ne.jp', "name..example@docomo.ne.jp"),
    ("EM-07", "PHPMailer/PHPMailer/issues/706", "email", {}, "a" * 72 + "@example.com", REFUSED),
    ("EM-07", "PHPMailer/PHPMailer/issues/706", "email", {"accept_long_local": True}, "a" * 72 + "@example.com",
     "a" * 72 + "@example.com"),
    ("EM-08", "suitenumerique/messages/pull/783", "email", {}, PERSIAN, PERSIAN),
    ("EM-08", "suitenumerique/messages/pull/783", "email", {}, "ada\u200clovelace@example.com", REFUSED),
    ("PH-01", "google/libphonenumber/pull/3358", "phone", {}, "+3758101234567", "+3758101234567"),
    ("PH-03", "google/libphonenumber/pull/1034", "phone", {}, "+39 (0)333 1234567", "+393331234567"),
    ("PH-03", "google/libphonenumber/pull/1034", "phone", {}, "+39 06 12345678", "+390612345678"),
    ("PH-04", "daviddrysdale/python-phonenumbers/issues/306", "phone", {}, "+5215512345678", "+525512345678"),
    ("PH-06", "mobi/telephone_number/issues/138", "phone", {}, "+22997123456", "+2290197123456"),
    ("PH-06", "mobi/telephone_number/issues/138", "phone", {}, "+2290197123456", "+2290197123456"),
    ("PH-08", "verbb/hyper/issues/86", "phone", {}, f"\u202a{MOBILE}\u202c", MOBILE),
    ("PH-08", "verbb/hyper/issues/86", "phone", {}, f"\u202d{MOBILE}\u202c", MOBILE),
    ("PH-09", "alphagov/notifications-utils/pull/1222", "phone", {}, "+1\u00a0202\u2011555\u20110123", MOBILE),
    ("PH-10", "thingsboard/thingsboard/pull/7486", "phone", {}, "+7 (495) 123 - 45 - 67", "+74951234567"),
    ("PH-11", "floere/phony/issues/214", "phone", {}, "(+7 495) 123-45-67", "+74951234567"),
    ("PH-12", "NICMx/rdap-server/issues/41", "phone", {}, "tel:+1-202-555-0123", MOBILE),
    ("PH-13", "google/libphonenumber/issues/954", "phone", {},
     "+\u0661\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0662\u0663", MOBILE),
    ("PH-13", "google/libphonenumber/issues/954", "phone", {},
     "+\u06f1\u06f2\u06f0\u06f2\u06f5\u06f5\u06f5\u06f0\u06f1\u06f2\u06f3", MOBILE),
    ("DA-02", "italia/ansc/issues/1883", "date", {}, "1982", REFUSED),
    ("DA-02", "italia/ansc/issues/1883", "date", {"accept_partial": True}, "1982", "1982"),
    ("DA-02", "italia/ansc/issues/1883", "date", {"accept_partial": True}, "1982-05", "1982-05"),
    ("DA-02", "italia/ansc/issues/1883", "date", {"accept_partial": True}, "198205", REFUSED),
    ("DA-02", "italia/ansc/issues/1883", "date", {"accept_partial": True}, "1982-13", REFUSED),
    ("TX-02", "vshulcz/deja-vu/issues/1098", "text", {"normalize": "NFC"},
     unicodedata.normalize("NFD", "José Muñoz"), "José Muñoz"),
    ("TX-02", "vshulcz/deja-vu/issues/1098", "text", {"normalize": "NFC"}, "José Muñoz", "José Muñoz"),
    ("CU-01", "orbeon/orbeon-forms/issues/7775", "custom", LEI, "VDB6T7WPDKB2KVFO3F98", "VDB6T7WPDKB2KVFO3F98"),
    ("CU-01", "orbeon/orbeon-forms/issues/7775", "custom", LEI, "VDB6T7WPDKB2KVFO3F01", REFUSED),
    ("CU-03", "apache/commons-validator/pull/61", "custom", LEI, "XN3HG0WDQQ6WA4BQ5LAS", REFUSED),
    ("CU-04", "franckverrot/activevalidators/issues/104", "custom", SIN, "000000000", REFUSED),
    ("CU-06", "hmrc/self-assessment-api/issues/369", "custom", NINO, "ab123456c", "AB123456C"),
    ("CU-07", "ministryofjustice/laa-apply-for-legal-aid/pull/4156", "custom", NINO, "AB 12.34-56 C", "AB123456C"),
    ("CU-08", "CMSgov/dpc-app/pull/761", "custom", {"pattern": "[A-Z]{2}[0-9]{4}"}, "AB1234", "AB1234"),
    ("CU-08", "CMSgov/dpc-app/pull/761", "custom", {"pattern": "[A-Z]{2}[0-9]{4}"}, "A1B234", REFUSED),
    ("CU-08", "smhg/sepa-qr-data-php/issues/11", "custom", {"pattern": "[A-Z0-9]{8}|[A-Z0-9]{11}"}, "ABNANL2AX", REFUSED),
    ("DG-01", "basistheory (account numbers have 3 to 17 digits)", "digits", {}, "40417", REFUSED),
    ("DG-01", "basistheory (account numbers have 3 to 17 digits)", "digits", {"min_length": 3}, "40417", "40417"),
    ("ID-10", "openemr/openemr/issues/10310", "custom",
     {"alphabet": DIGITS, "length": 10, "check_digit": "luhn", "check_prefix": "80840"}, "1234567893", "1234567893"),
    ("ID-18", "asmarques/mrtd/issues/5", "custom",
     {"alphabet": DIGITS + CAPITALS + "<", "length": 10, "check_digit": "mrz"}, "L898902C36", "L898902C36"),
    ("ID-18", "asmarques/mrtd/issues/5", "custom",
     {"alphabet": DIGITS + CAPITALS + "<", "length": 10, "check_digit": "mrz"}, "D23145890<", REFUSED),
]  # fmt: skip


def built(name: str, options: dict[str, object]) -> TokenFormat:
    """The format with these options."""
    return registry.build(name, "some-type", options)


@pytest.mark.parametrize(
    ("name", "options", "value", "canonical"),
    [pytest.param(*case[2:], id=f"{case[0]} {case[1]}") for case in CASES],
)
def test_a_value_that_users_met(
    name: str, options: dict[str, object], value: str, canonical: str | None
) -> None:
    """It is taken in its one canonical form, which is taken again, or it is refused."""
    made = built(name, options)
    if canonical is REFUSED:
        with pytest.raises(InvalidValue):
            made.canonicalize(value)
        return
    assert made.canonicalize(value) == canonical
    assert made.canonicalize(made.present(canonical)) == canonical


UNREGISTERED = [
    "AO06004400006729503010102",
    "BF42BF0840101300463574000390",
    "BJ66BJ0610100100144390000769",
    "CF4220001000010120069700160",
    "CG3930011000101013451300019",
    "CI93CI0080111301134291200589",
    "CM2110002000300277976315008",
    "CV64000500000020108215144",
    "DZ580002100001113000000570",
    "GA2140021010032001890020126",
    "GQ7050002001003715228190196",
    "GW04GW1430010181800637601",
    "IR710570029971601460641001",
    "KM4600005000010010904400137",
    "MA64011519000001205000534921",
    "MG4600005030071289421016045",
    "ML13ML0160120102600100668497",
    "MZ59000301080016367102371",
    "NE58NE0380100100130305000268",
    "SN08SN0100152000048500003035",
    "TD8960002000010271091600153",
    "TG53TG0090604310346500400070",
]


@pytest.mark.parametrize("number", UNREGISTERED)
def test_the_form_outside_the_registry_is_taken_by_option(number: str) -> None:
    """IB-02, IB-04: the published samples of 22 countries. https://github.com/mdomke/schwifty/issues/141"""
    made = built("iban", {"accept_unregistered": True})
    assert made.canonicalize(number.lower()) == number
    token = made.space(number).token_at(12345)
    assert made.recognizes(token)
    for changed in (token, number[:-1] + str((int(number[-1]) + 1) % 10), number[:-1]):
        with pytest.raises(InvalidValue):
            made.canonicalize(changed)


def test_eight_first_digits_are_shown_by_option() -> None:
    """CN-09: PCI SSC FAQ 1492 and PCI DSS 4.0.1, 3.4.1; not of numbers whose BIN has six digits."""
    made = built("card_number", {"mask_first": 8})
    assert made.mask(CARD) == "41111111****1111"
    assert made.mask("6205500000000000004") == "62055000*******0004"
    assert made.mask("378282246310005") == "378282*****0005"


@pytest.mark.parametrize(
    ("value", "mask"),
    [
        ("1918-05-01", "****-**-**"),
        ("1936-11-28", "1936-**-**"),
        ("1936-11-27", "****-**-**"),
        ("1936", "****-**-**"),
        ("1937", "1937-**-**"),
        ("1936-11", "****-**-**"),
        ("1936-12", "1936-**-**"),
    ],
)
def test_the_year_of_those_over_89_is_hidden_by_option(value: str, mask: str) -> None:
    """DA-04: 45 CFR 164.514(b)(2)(i)(C). https://github.com/CDCgov/prime-reportstream/issues/5413"""
    made = built("date", {"mask_over_age": 89, "accept_partial": True})
    object.__setattr__(made, "today", lambda: date(2026, 11, 27))
    assert made.mask(value) == mask


def test_a_number_without_check_digit_is_never_a_token() -> None:
    """Kind 8: whatever is kept, no token begins like the numbers of a network that may fail the check."""
    for keep_first in range(7):
        made = built("card_number", {"accept_unionpay_without_luhn": True, "keep_first": keep_first})
        for value in ("6221558812340000", "8171000000000008", "6759649826438453", CARD):
            space = made.space(made.canonicalize(value))
            for point in range(0, space.size, max(1, space.size // 500)):
                token = space.token_at(point)
                assert not token.startswith(("0", "62", "81"))
                assert made.recognizes(token)


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("card_number", "4111\u21921111 1111 1111", "U+2192"),
        ("phone", "+1 202\u2063555 0123", "U+2063"),
        ("iban", "GB82\u2022WEST12345698765432", "U+2022"),
        ("date", "2020\u22c501\u22c501", "U+22C5"),
        ("digits", "1234\u20245678", "U+2024"),
        ("us_ssn", "219\u00b709\u00b79999", "U+00B7"),
        ("email", "ada\u202e@example.com", "U+202E"),
    ],
)
def test_a_sign_that_is_refused_is_named(name: str, value: str, named: str) -> None:
    """By its code point, since many cannot be seen; letters and digits are not named, since they may be secret."""
    with pytest.raises(InvalidValue, match=named.replace("+", r"\+")):
        built(name, {}).canonicalize(value)


def test_no_letter_of_a_value_is_named() -> None:
    """A password in the wrong field does not come out in the error, not even its first letter."""
    with pytest.raises(InvalidValue) as raised:
        built("card_number", {}).canonicalize("Zebra77")
    assert "U+" not in raised.value.detail
