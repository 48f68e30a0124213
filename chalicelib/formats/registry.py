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
        raise ConfigurationError([_no_format(format_name, type_name)])
    module = import_module(f"chalicelib.formats.{format_name}")
    return cast(BuildFormat, module.build)(type_name, options)


def _no_format(format_name: str, type_name: str) -> str:
    """A type that says no format comes with its name as one, so that is told apart from a wrong word."""
    if format_name == type_name:
        return f"no format is set, and the type's name is not one of the formats: {', '.join(FORMATS)}"
    return f"there is no format {format_name!a}; the formats are {', '.join(FORMATS)}"
