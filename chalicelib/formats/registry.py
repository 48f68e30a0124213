"""The table of formats. A new one is a file with a `build` function, and a name here."""

from importlib import import_module
from typing import Final, cast

from chalicelib.errors import ConfigurationError
from chalicelib.formats.base import BuildFormat, Options, TokenFormat

FORMATS: Final = (
    "card_number",
    "card",
    "us_ssn",
    "iban",
    "email",
    "phone",
    "date",
    "digits",
    "text",
    "json",
    "card_verification_code",
    "custom",
    "standard_number",
)
"""Names of formats, each the name of its module too."""


def build(format_name: str, type_name: str, options: Options) -> TokenFormat:
    """The format of an information type. Raises `ConfigurationError` with every reason.

    Its module is imported only now, so that a cold start pays for the formats of its policy alone.
    """
    if format_name not in FORMATS:
        raise ConfigurationError([f"there is no such format; the formats are {', '.join(FORMATS)}"])
    module = import_module(f"chalicelib.formats.{format_name}")
    return cast(BuildFormat, module.build)(type_name, options)
