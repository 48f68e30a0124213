"""The formats by name. A new one is a file beside this one and a line in the table."""

from collections.abc import Callable
from typing import Final

from chalicelib.errors import ConfigurationError
from chalicelib.formats.base import Options, TokenFormat
from chalicelib.formats.card_number import CardNumber
from chalicelib.formats.text import Text

FORMATS: Final[dict[str, Callable[[str, Options], TokenFormat]]] = {
    CardNumber.name: CardNumber.build,
    Text.name: Text.build,
}


def build(format_name: str, type_name: str, options: Options) -> TokenFormat:
    """A format for an information type. Raises `ConfigurationError` with every reason it cannot be."""
    make = FORMATS.get(format_name)
    if make is None:
        raise ConfigurationError([f"there is no format of that name; there are {', '.join(sorted(FORMATS))}"])
    return make(type_name, options)
