"""All cases of all formats."""

from tests.unit.formats.cases import card_number, digits, text, us_ssn

MODULES = (card_number, us_ssn, digits, text)
CASES = [case for module in MODULES for case in module.CASES]
