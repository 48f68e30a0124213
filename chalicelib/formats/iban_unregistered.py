"""Countries that use the form of an IBAN and are not in the registry of ISO 13616.

Their banks print such numbers, and payments there need them. Nobody registers their structures: these are the
lengths and kinds in the lists of partial and experimental countries (https://www.iban.com/structure and
https://en.wikipedia.org/wiki/International_Bank_Account_Number), with which the samples that other libraries
publish agree. Bank codes of West Africa's BCEAO begin with the country's two letters, and once began with a
letter and a digit, so both are taken.
"""

from typing import Final

_BCEAO: Final = "2c22n"

STRUCTURES: Final = {
    "AO": "21n",
    "BF": _BCEAO,
    "BJ": _BCEAO,
    "CF": "23n",
    "CG": "23n",
    "CI": _BCEAO,
    "CM": "23n",
    "CV": "21n",
    "DZ": "22n",
    "GA": "23n",
    "GQ": "23n",
    "GW": "2c19n",
    "IR": "22n",
    "KM": "23n",
    "MA": "24n",
    "MG": "23n",
    "ML": _BCEAO,
    "MZ": "21n",
    "NE": _BCEAO,
    "SN": _BCEAO,
    "TD": "23n",
    "TG": _BCEAO,
}
"""By country code: so many digits (n), capital letters (a), or either (c)."""
