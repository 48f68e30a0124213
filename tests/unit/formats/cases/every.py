"""All cases of all formats."""

from tests.unit.formats.cases import card_number, text

MODULES = (card_number, text)
CASES = [case for module in MODULES for case in module.CASES]
