"""How the format `standard_number` and the modules of python-stdnum disagree.

Where a scheme is corrected, docs/standard-numbers.md has the same reason.
"""

from typing import Final

from tests.support.compared import spelled
from tests.support.compared.kind import Difference, Kind

_NEVER: Final = ("00", "01", "99")
"""Check digits that ISO/IEC 7064 does not calculate."""

_IN_FRONT: Final = ("iban", "be.iban", "es.iban", "me.iban", "no.iban", "iso11649", "eu.at_02")
_PLACES: Final = {"lei": slice(18, 20), "ma.ice": slice(-2, None), **dict.fromkeys(_IN_FRONT, slice(2, 4))}
"""Where check digits of ISO/IEC 7064 stand."""


def _check_digits(it: Difference) -> str:
    return (it.theirs or "")[_PLACES[it.scheme]] if it.scheme in _PLACES else ""


def _scheme(
    scheme: str, name: str, example: tuple[str, str | None, str | None], standard: str, right: str
) -> Kind:
    """A kind of one scheme: what is left of it when the spelling is settled."""
    difference = Difference(*example, scheme=scheme)
    sides = (difference.only_ours, difference.only_theirs, difference.both)
    return Kind(
        f"`{scheme}`: {name}",
        difference,
        right,
        standard,
        lambda it: it.scheme == scheme and (it.only_ours, it.only_theirs, it.both) == sides,
    )


_SPELLED: Final = (
    Kind(
        "An exception that is no `ValidationError`",
        Difference(
            "CSQU\u0663\u0660\u0665\u0664\u0663\u0668\u0663", "CSQU3054383", "<ValueError>", scheme="iso6346"
        ),
        "tokenvault",
        "python-stdnum's own documentation: `validate` raises `ValidationError`. It takes digits of other "
        "scripts for digits, and then fails to compute with them",
        lambda it: (it.theirs or "").startswith("<"),
    ),
    Kind(
        "Digits of two scripts in one number",
        Difference("1672723000\u0660197", None, "1672723000\u0660197", scheme="br.cnpj"),
        "tokenvault",
        "UTS 39, 5.3 (mixed-number detection); python-stdnum computes with them and gives them back",
        lambda it: it.only_theirs and spelled.mixes_digits(it.value),
    ),
    Kind(
        "Digits of another script are given back as they came",
        Difference(
            "LU\u0660\u0660\u0660\u0660\u0660\u0669\u0668\u0667ABC",
            "LU00000987ABC",
            "LU\u0660\u0660\u0660\u0660\u0660\u0669\u0668\u0667ABC",
            scheme="eu.excise",
        ),
        "tokenvault",
        "UAX 44: their decimal values are those of 0-9; one number is to have one canonical form",
        lambda it: it.both and spelled.has_other_digits(it.theirs or ""),
    ),
    Kind(
        "Digits of another script",
        Difference(
            "\u096f\u096a\u0969\u096a\u096d\u096c\u096b\u096f\u0967\u096f", "9434765919", None, True, "gb.nhs"
        ),
        "both",
        "the schemes have 0-9 only; read as input, the decimal values of UAX 44 leave no doubt",
        lambda it: it.only_ours and it.respelled and spelled.has_other_digits(it.value),
    ),
    Kind(
        "Signs without width",
        Difference("9434\u200b765919", "9434765919", None, True, "gb.nhs"),
        "both",
        "what copying adds has no meaning (UAX 44, category Cf)",
        lambda it: it.only_ours and it.respelled and spelled.has_hidden_signs(it.value),
    ),
    Kind(
        "Separators that the module does not take off",
        Difference("111/222/333", "111222333", None, True, "nl.bsn"),
        "both",
        "the schemes define the number and not how it is written; a dot, slash or hyphen between two "
        "characters has no meaning there, and where it has one both keep it",
        lambda it: it.only_ours and it.respelled,
    ),
    Kind(
        "Hyphens where no part begins",
        Difference("1988-0320-0016", None, "19880320-0016", True, "se.personnummer"),
        "tokenvault",
        "SFS 1991:481, 18: one sign before the last four digits, which tells a century",
        lambda it: it.only_theirs and it.respelled,
    ),
    Kind(
        "Check digits that are never calculated",
        Difference("2F38C0K6V8LAJSJ3Q201", None, "2F38C0K6V8LAJSJ3Q201", scheme="lei"),
        "tokenvault",
        "ISO/IEC 7064, MOD 97-10 gives 02 to 98; 00, 01 and 99 are second spellings (ISO 17442-1, ISO 13616, "
        "ISO 11649)",
        lambda it: it.only_theirs and _check_digits(it) in _NEVER,
    ),
    Kind(
        "Check digits with a letter",
        Difference("RF1H53B07HIWE03", None, "RF1H53B07HIWE03", scheme="iso11649"),
        "tokenvault",
        "ISO 11649 and ISO 13616-1: two digits behind the two letters",
        lambda it: it.only_theirs and any(sign.isalpha() for sign in _check_digits(it)),
    ),
)

_SCHEMES: Final = (
    _scheme(
        "bic",
        "the head office's branch",
        ("ABNANL2AXXX", "ABNANL2A", "ABNANL2AXXX"),
        "ISO 9362:2022, 5.4: `XXX` is the head office, as eight characters are",
        "tokenvault",
    ),
    _scheme(
        "ch.vat",
        "the ending's language",
        ("CHE107787577IVA", "CHE107787577MWST", "CHE107787577IVA"),
        "Swiss Federal Tax Administration: MWST, TVA, IVA and TPV are one number",
        "tokenvault",
    ),
    _scheme(
        "imei",
        "without check digit",
        ("49015420323751", "490154203237518", "49015420323751"),
        "3GPP TS 23.003, 6.2.1: fourteen digits name the device, the last one is computed",
        "tokenvault",
    ),
    _scheme(
        "isan",
        "with check digits",
        ("1000000189470000000000000", "100000018947000000000000", "1000000189470000000000000"),
        "ISO 15706: the check characters are computed",
        "both",
    ),
    _scheme(
        "isbn",
        "ten digits",
        ("9024538270", "9789024538270", "9024538270"),
        "ISO 2108:2017, Annex A: ten digits name the same book as thirteen",
        "tokenvault",
    ),
    _scheme(
        "ismn",
        "`M` and nine digits",
        ("M230671187", "9790230671187", "M230671187"),
        "ISO 10957:2021: 9790 in the place of M, the same music",
        "tokenvault",
    ),
    _scheme(
        "nl.postcode",
        "the sign between",
        ("2601-DC", "2601-DC", "2601 DC"),
        "NEN 5825 writes a space, which could not stand in a URL: a choice of the canonical form",
        "both",
    ),
    _scheme(
        "ro.cf",
        "with `RO`",
        ("RO18547290", "18547290", "RO18547290"),
        "registered for value added tax or not, it is the same company (Codul fiscal, art. 316)",
        "tokenvault",
    ),
    _scheme(
        "se.personnummer",
        "the century",
        ("880320-0016", "198803200016", "880320-0016"),
        "SFS 1991:481, 18: a hyphen is a plus in the year of the hundredth birthday, so only twelve digits "
        "stay the same",
        "tokenvault",
    ),
    _scheme(
        "se.personnummer",
        "years before 1800 or after 2099",
        ("913803200017", None, "91380320-0017"),
        "SFS 1991:481, 18: persons registered in Sweden since 1947; nobody was born in 9138",
        "tokenvault",
    ),
    _scheme(
        "se.personnummer",
        "coordination numbers",
        ("701063-2391", "197010632391", None),
        "SFS 2022:1697: 60 is added to the day of birth",
        "tokenvault",
    ),
    _scheme(
        "fi.hetu",
        "numbers 900 to 999 of a day",
        ("010594Y9032", "010594Y9032", None),
        "Government decree 690/2022 of Finland; hospitals give them out",
        "tokenvault",
    ),
    _scheme(
        "kr.rrn",
        "numbers since October 2020",
        ("2010053123450", "2010053123450", None),
        "Enforcement Rules of the Resident Registration Act as amended in 2020: no check digit",
        "tokenvault",
    ),
    _scheme(
        "isin",
        "prefixes of no country",
        ("EZ1234567890", "EZ1234567890", None),
        "ISO 6166:2021, 4.1: EZ, ZZ, and those of its registration authority, as XT; OTC derivatives have EZ",
        "tokenvault",
    ),
    _scheme(
        "mac",
        "makers that the list has not",
        ("80:50:99:84:a2:a0", "80:50:99:84:a2:a0", None),
        "IEEE assigns new ones every week: the list that comes with python-stdnum is older than many devices",
        "tokenvault",
    ),
    _scheme(
        "us.itin",
        "groups 50 to 65",
        ("912503456", "912503456", None),
        "Internal Revenue Manual 3.21.263",
        "tokenvault",
    ),
    _scheme(
        "br.cpf",
        "eleven equal digits",
        ("11111111111", None, "11111111111"),
        "the Receita Federal issues none of them, though their check digits are right",
        "tokenvault",
    ),
    _scheme(
        "us.rtn",
        "first digits of no district",
        ("176330662", None, "176330662"),
        "American Bankers Association, Routing Number Policy",
        "tokenvault",
    ),
    _scheme(
        "dz.nif",
        "a line break that counts as a character",
        ("41600100000006\n", None, "41600100000006\n"),
        "Direction générale des impôts: 15 or 20 digits; a pattern with `$` lets a line break by",
        "tokenvault",
    ),
    _scheme(
        "pt.cc",
        "any number of digits in front",
        ("01000000ZZ2", None, "01000000ZZ2"),
        "Cartão de Cidadão: nine digits, two letters or digits, one check digit",
        "tokenvault",
    ),
)

KINDS: Final = (*_SPELLED, *_SCHEMES)
