"""What one Region makes of a value or a token, in a word."""

from chalicelib.errors import TokenNotFound
from chalicelib.model import TokenFacts
from chalicelib.service.revealer import Revealed
from tests.support.regions import Region


def made(region: Region, given: dict[str, str], key: str | None = None) -> str:
    """The token of a value that a Region takes in."""
    [result] = region.tokenize([given], key)
    assert isinstance(result, TokenFacts), result
    return result.token


def seen(region: Region, token: str) -> object:
    """The value that a Region opens the token as, or why it does not."""
    [result] = region.reveal(token)
    if isinstance(result, Revealed):
        return result.value.reveal()
    return result.reason if isinstance(result, TokenNotFound) else result
