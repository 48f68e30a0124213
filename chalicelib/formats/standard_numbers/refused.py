"""Schemes of python-stdnum that cannot be types of values, and why."""

from typing import Final

_CASE: Final = "its numbers tell small letters from capitals, and so would their tokens"
_MESSAGE: Final = "it is a message of several fields, and no number of one shape"
_NAMES: Final = "its numbers begin with the name of a town, of any length and script"
_EVERY: Final = "any letters and digits of this length are a number, so that no token could be told from one"

REFUSED: Final = {
    "bitcoin": _CASE,
    "de.handelsregisternummer": _NAMES,
    "de.leitweg": "its parts are of any length",
    "de.wkn": _EVERY,
    "eu.nace": "it is a classification of some thousand activities, and no number of anybody",
    "fr.rcs": _NAMES,
    "gs1_128": _MESSAGE,
    "isil": _CASE,
    "us.tin": "only hyphens tell whose number it is; take us.ssn, us.ein or us.itin",
}
