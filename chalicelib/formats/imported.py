"""Tokens that other systems made: how those of a type look, as the policy says.

A pattern is needed, so that such a token is known as one where nothing lies under it yet: erased in one
Region before it arrived from the other, it is closed there too.
"""

from dataclasses import dataclass

from chalicelib.formats.custom_places import FILLER, Places, read_places
from chalicelib.formats.options import OptionReader


@dataclass(frozen=True)
class ImportedTokens:
    """Texts that may come as tokens of a type: those of its `places`.

    `own_shape` lets them look like tokens that the vault makes by itself, `values` like values of a type.
    """

    places: Places
    own_shape: bool = False
    values: bool = False

    def fit(self, text: str) -> bool:
        """Whether a text has the pattern."""
        return self.places.shape_of(text) is not None


def imported_tokens(pattern: str, *, own_shape: bool, values: bool) -> ImportedTokens:
    """From the policy; a pattern is written as in the format `custom`. Raises `ConfigurationError`."""
    read = OptionReader({"pattern": pattern or "-"})
    places = read_places(read)
    if FILLER in places.characters:
        read.problem(f"option pattern has {FILLER}, which no path takes")
    read.close()
    return ImportedTokens(places, own_shape, values)
