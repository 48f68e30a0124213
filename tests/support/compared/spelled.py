"""What is in a spelling: predicates that the kinds of all libraries share."""

import unicodedata


def has_other_digits(value: str) -> bool:
    """Whether a digit is of another script than ASCII, or full-width."""
    return any(unicodedata.decimal(sign, None) is not None for sign in value if not sign.isascii())


def mixes_digits(value: str) -> bool:
    """Whether digits of ASCII stand beside others."""
    return has_other_digits(value) and any(sign in "0123456789" for sign in value)


def has_hidden_signs(value: str) -> bool:
    """Whether a sign has no width: general category Cf."""
    return any(unicodedata.category(sign) == "Cf" for sign in value)


def is_padded(value: str) -> bool:
    """Whether a space, a line break or a sign without width stands at an end."""
    return any(unicodedata.category(sign)[0] in "ZC" for sign in value[:1] + value[-1:])


def ascii_digits(value: str) -> str:
    """The digits of all scripts, as those of ASCII, and nothing else."""
    values = (unicodedata.decimal(sign, None) for sign in value)
    return "".join(str(number) for number in values if number is not None)
