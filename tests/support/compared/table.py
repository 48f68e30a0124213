"""The libraries, the format that each is compared with, and the kinds of their disagreements."""

from typing import Final

from tests.support.compared import card_kinds, email_kinds, iban_kinds, phone_kinds, standard_kinds
from tests.support.compared.kind import Kind

KINDS: Final[dict[str, tuple[str, tuple[Kind, ...]]]] = {
    "schwifty": ("iban", iban_kinds.KINDS),
    "email-validator": ("email", email_kinds.KINDS),
    "phonenumbers": ("phone", phone_kinds.KINDS),
    "python-stdnum": ("standard_number", standard_kinds.KINDS),
    "card-validator": ("card_number", card_kinds.KINDS),
}
"""By library: the name of our format, and the kinds in the order in which they are asked."""
