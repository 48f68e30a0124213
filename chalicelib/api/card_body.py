"""What answers tell of a card besides its token."""

from typing import Annotated

import msgspec

from chalicelib.model import CardFacts

Brand = Annotated[
    str,
    msgspec.Meta(
        description="The card network whose number it is, where the policy has `brand` and the number says."
    ),
]
Bin = Annotated[
    str,
    msgspec.Meta(
        description="The first 6 or 8 digits, where the policy has `bin_digits` and the number is long "
        "enough for it."
    ),
]
Fingerprint = Annotated[
    str,
    msgspec.Meta(
        description="The same for the same number within a tenant, whatever type, token and subject, "
        "where the policy has `fingerprint`."
    ),
]


class CardBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the policy tells of a card besides its token; what it does not tell is left out."""

    brand: Brand | msgspec.UnsetType = msgspec.UNSET
    bin: Bin | msgspec.UnsetType = msgspec.UNSET
    fingerprint: Fingerprint | msgspec.UnsetType = msgspec.UNSET


CardAnswer = Annotated[
    CardBody | msgspec.UnsetType,
    msgspec.Meta(description="Only of card numbers, and where the policy tells something of them."),
]


def card_answer(card: CardFacts) -> CardBody | msgspec.UnsetType:
    """What there is to tell of a card; unset where there is nothing."""
    return CardBody(**card.known) if card.known else msgspec.UNSET
