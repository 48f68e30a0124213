"""A body's declared encoding: UTF-8 or none."""

import pytest

from chalicelib.api.content_type import require_utf8
from chalicelib.errors import UnsupportedMediaType


@pytest.mark.parametrize(
    "header",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/json; charset=utf8",
        "application/json; profile=x",
        "",
    ],
)
def test_utf8_is_taken(header: str) -> None:
    """However it is spelled, or not at all."""
    require_utf8(header)


@pytest.mark.parametrize(
    "header",
    [
        "application/json; charset=iso-8859-1",
        "application/json; charset=utf-16",
        'application/json; Charset="latin-1"',
        "application/json; charset=",
        "application/json; charset*=utf-8''iso-8859-1",
    ],
)
def test_other_charsets_are_refused(header: str) -> None:
    """The bytes are U+FFFD by the time they arrive, so nothing can be made of them."""
    with pytest.raises(UnsupportedMediaType):
        require_utf8(header)
