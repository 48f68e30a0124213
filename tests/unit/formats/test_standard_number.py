"""Standard numbers row by row: what is taken, in which canonical form, and what the standard rules out."""

import re

import pytest

from chalicelib.errors import ConfigurationError, InvalidValue
from chalicelib.formats import registry
from chalicelib.formats.base import TokenFormat


def numbers(scheme: str, **options: object) -> TokenFormat:
    """The format of a scheme."""
    return registry.build("standard_number", "some-type", {"scheme": scheme, **options})


SOURCES = {
    "ID-01": "IN RFB 2.229/2024; python-stdnum #484, validator.js #2644, brutils #730",
    "ID-02": "Receita Federal, two check digits modulo 11; pagarme-python #10, brazilian-values #42",
    "ID-03": "HMRC NIM39110; stdnum-js #121, self-assessment-api #369, laa-apply #4156",
    "ID-04": "UIDAI, Verhoeff digit, no leading 0 or 1; OpenMetadata #31899, openmed #1492",
    "ID-06": "Real Decreto 1553/2005, the number modulo 23; presidio #2076, consuldemocracy #614",
    "ID-07": "Section 139b AO, ISO/IEC 7064 MOD 11,10; presidio #2284, python-stdnum #286",
    "ID-08": "Government decree 690/2022 of Finland; python-stdnum #396, presidio #2108",
    "ID-10": "CMS, NPI check digit with 80840 in front; openemr #10310, presidio #2237",
    "ID-11": "IRS, valid EIN prefixes; validator.js #1320, FAC #1396, psm #412",
    "ID-12": "ABA, weights 3, 7, 1; presidio #348, us-bank-account-validator #29",
    "ID-13": "ISO 9362, 8 or 11 characters, XXX is the head office; gumroad #7768, schwifty #295",
    "ID-15": "RENAPO, modulo 10; openmed #826, python-stdnum #285, django-localflavor #468",
    "ID-16": "Eleven test; Haal-Centraal #1945, dd-sensitive-data-scanner #200, faker #2450",
    "ID-17": "SFS 1991:481, section 18; stdnum-js #117, #165, accounted #799",
}
"""Of the cases that come from public bug reports: the standard, and who met the fault."""

TAKEN = [
    # case, scheme, canonical form, spellings; sources stand in SOURCES and beside the corrections
    ("ID-01", "br.cnpj", "12ABC34501DE35", ["12.ABC.345/01DE-35", "12.abc.345/01de-35", "12ABC34501DE35"]),
    ("ID-01 digits", "br.cnpj", "16727230000197", ["16.727.230/0001-97", "16727230000197"]),
    ("ID-02", "br.cpf", "11144477735", ["111.444.777-35", "11144477735", "111 444 777 35"]),
    ("ID-03", "gb.nino", "AB123456C", ["AB 12 34 56 C", "ab123456c", "AB123456C", "AB-12-34-56-C"]),
    ("ID-04", "in_.aadhaar", "234123412346", ["2341 2341 2346", "2341-2341-2346", "2341.2341.2346"]),
    ("ID-05 (SIN)", "ca.sin", "123456782", ["123-456-782", "123 456 782", "123.456.782"]),
    ("ID-06", "es.dni", "12345678Z", ["12345678-z", "12345678Z", "12.345.678-Z"]),
    ("ID-06 NIE", "es.nie", "X2482300W", ["x-2482300-w", "X2482300W"]),
    ("ID-07", "de.idnr", "36574261809", ["36 574 261 809", "36574261809", "36/574/261/809"]),
    ("ID-08", "fi.hetu", "010594Y9032", ["010594Y9032", "010594y9032", " 010594Y9032 "]),
    ("ID-08 the row", "fi.hetu", "010594Y123W", ["010594Y123W", "010594y123w"]),
    ("ID-08 made up", "fi.hetu", "131052-308T", ["131052-308T", "131052-308t", "131052\u2011308T"]),
    ("ID-10", "us.npi", "1234567893", ["1234567893", "123-456-7893"]),
    ("ID-11", "us.ein", "123456789", ["12-3456789", "123456789"]),
    ("ID-12", "us.rtn", "111000025", ["1110-0002-5", "111000025"]),
    ("ID-13", "bic", "ABNANL2A", ["ABNANL2A", "ABNANL2AXXX", "abna nl 2a", "ABNANL2Axxx"]),
    ("ID-13 branch", "bic", "AGRIFRPP882", ["AGRI FR PP 882", "agrifrpp882"]),
    ("ID-15", "mx.curp", "BOXW310820HNERXN09", ["BOXW310820HNERXN09", "boxw310820-hnerxn-09"]),
    ("ID-16", "nl.bsn", "111222333", ["1112.22.333", "111222333"]),
    ("ID-16 eight digits", "nl.bsn", "010464554", ["10464554", "010464554"]),
    ("ID-17", "se.personnummer", "198803200016", ["880320-0016", "198803200016", "8803200016"]),
    ("ID-17 a hundred", "se.personnummer", "191212121212", ["121212+1212", "19121212-1212", "19121212+1212"]),
    ("ID-17 coordination", "se.personnummer", "197010632391", ["701063-2391", "197010632391"]),
    ("LEI", "lei", "213800KUD8LAJWSQ9D15", ["213800kud8lajwsq9d15", "2138 00KU D8LA JWSQ 9D15"]),
    ("VIN", "vin", "1M8GDM9AXKP042788", ["1M8GDM9AXKP042788", "1m8gdm9axkp042788"]),
    ("VIN of Europe, no check digit", "vin", "WVWZZZ1JZ3W386752", ["WVWZZZ1JZ3W386752"]),
    ("IMEI", "imei", "490154203237518", ["49-015420-323751-8", "49015420323751", "490154203237518"]),
    ("MBI", "us.mbi", "1EG4TE5MK73", ["1EG4-TE5-MK73", "1eg4te5mk73"]),
    ("CPR without check digit", "dk.cpr", "0101901008", ["010190-1008", "0101901008"]),
    ("Irish VAT number with two letters", "ie.vat", "6433435OA", ["IE6433435OA", "6433435oa"]),
    ("ISIN", "isin", "US0378331005", ["US 037833 100 5", "us0378331005"]),
    ("ISIN of a derivative", "isin", "EZ1234567890", ["EZ 123456789 0", "ez1234567890"]),
    ("ISIN of a crypto-asset", "isin", "XT1234567895", ["XT1234567895"]),
    ("ISBN", "isbn", "9789024538270", ["978-90-245-3827-0", "90-245-3827-0"]),
    ("ISMN", "ismn", "9790230671187", ["M-2306-7118-7", "979-0-2306-7118-7"]),
    ("ITIN of 2016", "us.itin", "912503456", ["912-50-3456"]),
    ("RRN since 2020", "kr.rrn", "2010053123450", ["201005-3123450"]),
    ("UID in two languages", "ch.vat", "CHE107787577MWST", ["CHE-107.787.577 IVA", "CHE-107.787.577 MWST"]),
    ("RO or not", "ro.cf", "18547290", ["RO 185 472 90", "18547290"]),
]  # fmt: skip


def test_every_reported_case_is_here() -> None:
    """With what is taken and what is refused."""
    for rows in (TAKEN, RULED_OUT):
        assert {row[0].split()[0] for row in rows} >= SOURCES.keys()


@pytest.mark.parametrize(("case", "scheme", "canonical", "spellings"), TAKEN, ids=[row[0] for row in TAKEN])
def test_spellings_meet(case: str, scheme: str, canonical: str, spellings: list[str]) -> None:
    """What people write of a number has its canonical form; no-break spaces and full-width digits too."""
    made = numbers(scheme)
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in canonical)
    copied = [f"\u00a0{canonical}\u202f", f"\u202a{canonical}\u202c", wide, canonical.lower()]
    assert {made.canonicalize(spelled) for spelled in [*spellings, *copied]} == {canonical}
    assert made.canonicalize(made.present(canonical)) == canonical


UNALLOCATED = [f"{prefix}123456C" for prefix in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ", "DA", "AO", "QQ")]

RULED_OUT = [
    ("ID-01", "br.cnpj", ["12ABC34501DE36", "12ABC34501DEAB", "00000000000000", "12AB\u00c734501DE35"]),
    ("ID-02", "br.cpf", ["11144477734", "11111111111", "00000000000", "1114447773"]),
    ("ID-03", "gb.nino", UNALLOCATED),
    ("ID-03 suffix", "gb.nino", ["AB123456E", "AB123456", "AB12345C"]),
    ("ID-04", "in_.aadhaar", ["234123412345", "034123412346", "134123412346", "222222222222"]),
    ("ID-05 (SIN)", "ca.sin", ["123456789", "000000000", "046454286", "800000002"]),
    ("ID-06", "es.dni", ["12345678A", "1234567Z"]),
    ("ID-07", "de.idnr", ["36574261808", "03657426180", "12345678901"]),
    ("ID-08", "fi.hetu", ["010594G9032", "010594Z9032", "010594Y9033", "310294Y9030", "010594Y123X"]),
    ("ID-10", "us.npi", ["1234567890", "3234567891", "123456789"]),
    ("ID-11", "us.ein", ["00-1234567", "07-1234567", "89-1234567", "123-45-678"]),
    ("ID-12", "us.rtn", ["111000024", "000000000", "176330662"]),
    ("ID-13", "bic", ["ABNANL2AX", "ABNANL2AXX", "ABNAZZ2A", "1BNANL2A"]),
    ("ID-15", "mx.curp", ["BOXW310820HNERXN08", "BOXW310832HNERXN09"]),
    ("ID-16", "nl.bsn", ["111222334", "000000000"]),
    ("ID-17", "se.personnummer", ["880320-0017", "881320-0019", "880320.0016x", "218803200016"]),
    ("ISIN", "isin", ["EZ1234567891", "EY1234567891", "US0378331006", "EZ123456789", "EZ12345678900"]),
    ("LEI of another length", "lei", ["213800KUD8LAJWSQ9D1", "98"]),
    ("LEI never calculated", "lei", ["2F38C0K6V8LAJSJ3Q201"]),
    ("VIN", "vin", ["1M8GDM9A1KP042788", "1M8GDM9AXKPO42788", "1M8GDM9AXKP04278", "1M8GDM9AXKPABCDE"]),
    ("MBI", "us.mbi", ["1SG4TE5MK73", "0EG4TE5MK73", "1EG4TE5MK7A"]),
    ("IMEI", "imei", ["490154203237519", "000000000000000"]),
    ("RRN before 2020", "kr.rrn", ["9710139019903"]),
    ("ITIN", "us.itin", ["912663456", "812503456"]),
    ("check digits in letters", "iso11649", ["RF1H53B07HIWE03", "RF00539I07547030"]),
    ("a line break at the end of a shorter number", "at.postleitzahl", ["509\n", "5090\n1"]),
]  # fmt: skip


@pytest.mark.parametrize(("case", "scheme", "values"), RULED_OUT, ids=[row[0] for row in RULED_OUT])
def test_what_the_standard_rules_out_is_refused(case: str, scheme: str, values: list[str]) -> None:
    """Wrong check digits, parts that are never issued, other lengths; the message quotes nothing."""
    made = numbers(scheme)
    for value in values:
        with pytest.raises(InvalidValue) as raised:
            made.canonicalize(value)
        assert value not in raised.value.detail
        assert raised.value.__cause__ is None


def test_the_first_eight_digits_of_an_aadhaar_are_masked() -> None:
    """As the UIDAI and MeitY ask for: four may be shown."""
    assert numbers("in.aadhaar").mask("234123412346") == "********2346"


def test_a_person_is_the_same_whether_or_not_the_century_is_written() -> None:
    """Ten digits with a plus are a hundred years before those with a hyphen."""
    made = numbers("se.personnummer")
    assert made.canonicalize("121212-1212") == "201212121212"
    assert made.canonicalize("121212+1212") == "191212121212"


@pytest.mark.parametrize(
    ("scheme", "value", "shape"),
    [
        ("br.cnpj", "16727230000197", r"[1-9][0-9]{13}"),
        ("br.cnpj", "12ABC34501DE35", r"[1-9][0-9][A-Z]{3}[0-9]{5}[A-Z]{2}[0-9]{2}"),
        ("es.dni", "12345678Z", r"[1-9][0-9]{7}[A-Z]"),
        ("ch.uid", "CHE100155212", r"CHE[A-Z][0-9]{8}"),
        ("gb.nino", "AB123456C", r"[A-Z]{3}[0-9]{5}[A-Z]"),
        ("us.ein", "123456789", r"[A-Z][0-9]{8}"),
        ("bic", "ABNANL2A", r"[1-9][A-Z]{5}[0-9][A-Z]"),
        ("fo.vn", "623857", r"[A-Z][0-9A-Z]{5}"),
        ("es.postal_code", "01000", r"[A-Z][0-9A-Z]{5}"),
    ],
)
def test_tokens_look_like_the_value_place_by_place(scheme: str, value: str, shape: str) -> None:
    """Digits for digits and letters for letters, fixed letters kept; a mark where no check digit tells it;
    letters among the digits, and a longer token, where digits alone are too few."""
    space = numbers(scheme).space(value)
    for number in range(50):
        assert re.fullmatch(shape, space.token_at(number * (space.size - 1) // 49))


@pytest.mark.parametrize(
    "scheme", ["", "br", "br.cnpjx", "os", "../errors", "stdnum.br.cnpj", "br.cnpj.validate", "util"]
)
def test_only_schemes_of_the_table_are_built(scheme: str) -> None:
    """A module that is no scheme cannot be reached by its name."""
    with pytest.raises(ConfigurationError) as raised:
        numbers(scheme)
    assert raised.value.problems[0].startswith(("option scheme: there is no", "needs option scheme"))


def test_a_scheme_that_cannot_be_used_is_refused_with_its_reason() -> None:
    """The policy says at once why."""
    with pytest.raises(ConfigurationError, match="bitcoin cannot be used: its numbers tell small letters"):
        numbers("bitcoin")


def test_digits_around_an_e_are_never_a_token() -> None:
    """A kept tail with an E does not make a number in scientific notation of a token."""
    made = numbers("gb.sedol", keep_last=3)
    space = made.space("123E120")
    for point in range(0, space.size, max(1, space.size // 500)):
        assert not re.fullmatch(r"[0-9]+E[0-9]+", space.token_at(point))
