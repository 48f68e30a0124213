"""All cases of all formats."""

from tests.unit.formats.cases import card_number, card_verification_code, date, digits, text, us_ssn

MODULES = (card_number, us_ssn, digits, date, card_verification_code, text)
CASES = [case for module in MODULES for case in module.CASES]
