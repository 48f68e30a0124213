"""The month until which a card is valid, as it is printed on one or as ISO 8601 writes months."""

import re
from typing import Final

from chalicelib.formats.shapes import DIGITS
from chalicelib.formats.spelling import plain, refused

_MONTH: Final = "0[1-9]|1[0-2]"
_PRINTED: Final = re.compile(rf"({_MONTH})/(?:20)?([0-9]{{2}})")
_ISO: Final = re.compile(rf"20[0-9]{{2}}-(?:{_MONTH})")
_LENGTH: Final = len("2027-12")

HIDDEN_EXPIRY: Final = "****-**"


def canonical_expiry(value: object) -> str:
    """`YYYY-MM`, from that, `MM/YY` or `MM/YYYY`. Raises `InvalidValue`.

    Two digits are a year of 2000 to 2099, and no other years are taken: ISO/IEC 7813 leaves the century open,
    and no card of the last one is valid. Whether the month is over is not looked at.
    """
    text = plain(value, _LENGTH)
    if _ISO.fullmatch(text):
        return text
    printed = _PRINTED.fullmatch(text)
    if not printed:
        raise refused(text, f"{DIGITS}/-", "must be a month of 2000 to 2099: MM/YY, MM/YYYY or YYYY-MM")
    month, year = printed.groups()
    return f"20{year}-{month}"
