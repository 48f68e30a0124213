"""Card verification codes: 3 or 4 digits in one spelling."""

from tests.unit.formats.cases.case import Case, copied, text_of

codes = text_of("0123456789", 3, 4)
CASES = [Case("card_verification_code", {}, codes, copied, lambda _: codes)]
