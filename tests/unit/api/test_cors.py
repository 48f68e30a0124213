"""Which pages may read an answer."""

import pytest

from chalicelib.api import cors
from chalicelib.config import allowed_origins

SHOP, OFFICE = "https://shop.example", "https://office.example:8443"
ALLOWED = frozenset({SHOP, OFFICE})


@pytest.mark.parametrize("origin", [SHOP, OFFICE])
def test_a_page_of_an_allowed_origin_may_read(origin: str) -> None:
    """The answer names that origin alone, and which of its headers may be read, and depends on the origin."""
    assert cors.headers(origin, ALLOWED) == {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After, x-amzn-RequestId",
        "Vary": "Origin",
    }


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "*",
        "https://shop.example.evil.org",
        "https://evil-shop.example",
        "https://evil.org/https://shop.example",
        "https://shop.example@evil.org",
        "https://shop.example:443",
        "https://shop.example/",
        "https://shop.example ",
        "https://shop.example, https://office.example:8443",
        "https://SHOP.example",
        "http://shop.example",
        "https://office.example",
        "https://shop.exampl",
    ],
)
def test_no_other_page_may(origin: str | None) -> None:
    """An origin is allowed as a whole or not at all; the answer says only that it depends on the origin."""
    assert cors.headers(origin, ALLOWED) == {"Vary": "Origin"}


@pytest.mark.parametrize("origin", [None, "null", SHOP])
def test_without_origins_answers_are_as_they_were(origin: str | None) -> None:
    """No header is added where no origin is allowed."""
    assert cors.headers(origin, frozenset()) == {}


WELL_FORMED = [
    "https://shop.example",
    "https://shop.example:8443",
    "https://xn--bcher-kva.example",
    "https://intranet",
    "http://localhost:3000",
    "http://127.0.0.1:8080",
]
MALFORMED = [
    "*",
    "null",
    "https://*.example",
    "https://shop.example/",
    "https://shop.example/path",
    "https://shop.example:443",
    "https://shop.example:0443",
    "https://shop.example:123456",
    "https://Shop.example",
    "https://shop..example",
    "https://-shop.example",
    "https://user@shop.example",
    "http://shop.example",
    "http://localhost",
    "http://localhost:80",
    "http://localhost.evil.org:3000",
    "https://shop.example\n",
    "shop.example",
]


def test_the_environment_names_them() -> None:
    """Separated by commas, none where the variable is not there."""
    named = {"TOKENVAULT_ALLOWED_ORIGINS": ",".join(WELL_FORMED)}
    assert allowed_origins(named) == frozenset(WELL_FORMED)
    assert allowed_origins({}) == frozenset()


@pytest.mark.parametrize("malformed", MALFORMED)
def test_what_is_no_origin_allows_nobody(malformed: str) -> None:
    """What a browser would never send, or sends for a page without an origin, is not on the list."""
    assert allowed_origins({"TOKENVAULT_ALLOWED_ORIGINS": f"{SHOP},{malformed}"}) == frozenset({SHOP})
