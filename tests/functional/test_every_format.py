"""Every format end to end: a value of each comes back, is shown masked, and its token is no value."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.formats import registry
from tests.support import policies
from tests.support.world import World, world

CUSTOM = {"alphabet": "0123456789ABCDEF", "length": 12, "keep_last": 2}
PROFILE = {"born": "1815-12-10", "scores": [Decimal("1.10"), 10**30, Decimal("1e400"), 0, True, None]}
VALUES: dict[str, tuple[Any, Any, Any]] = {
    # format: a value as it may be spelled, what a full reveal returns, and what a masked one does
    "card_number": ("4111 1111-1111 1111", "4111111111111111", "************1111"),
    "card": (
        {"holder": "Ada\u00a0Lovelace ", "expiry": "12/27", "number": "4111 1111-1111 1111"},
        {"number": "4111111111111111", "expiry": "2027-12", "holder": "Ada Lovelace"},
        {"number": "************1111", "expiry": "****-**", "holder": "********"},
    ),
    "us_ssn": ("219-09-9999", "219099999", "*****9999"),
    "iban": ("gb82 WEST 1234 5698 7654 32", "GB82WEST12345698765432", "GB****************5432"),
    "email": ("Ada@München.Example", "Ada@xn--mnchen-3ya.example", "********@xn--mnchen-3ya.example"),
    "phone": ("+44 (0)20 7946 0958", "+442079460958", "*********0958"),
    "date": ("18151210", "1815-12-10", "1815-**-**"),
    "digits": ("0012345678", "0012345678", "******5678"),
    "text": ("Ada\nLovelace", "Ada\nLovelace", "********"),
    "json": (PROFILE, PROFILE, "********"),
    "card_verification_code": ("0123", "0123", "********"),
    "custom": ("00FFA1234B5C", "00FFA1234B5C", "**********5C"),
    "standard_number": ("12.abc.345/01de-35", "12ABC34501DE35", "**********DE35"),
}
OPTIONS = {"custom": CUSTOM, "standard_number": {"scheme": "br.cnpj"}}
TIMED = {"card_verification_code": {"default_ttl_seconds": 600}}
KINDS = [(name, "random") for name in registry.FORMATS] + [
    (name, mode) for name in registry.FORMATS if name not in TIMED for mode in ("kms", "cached")
]


def types() -> dict[str, dict[str, Any]]:
    """A type of each format and kind."""
    return {f"{name}-{kind}": _written(name, kind) for name, kind in KINDS}


def _written(name: str, kind: str) -> dict[str, Any]:
    how = {"mode": "random"} if kind == "random" else {"mode": "deterministic", "derivation": kind}
    return {"format": name, "options": OPTIONS.get(name, {}), **how, **TIMED.get(name, {})}


def dumped(value: Any) -> str:
    """JSON with decimals written out, which `json.dumps` cannot."""
    marked = json.dumps(value, default=lambda number: f"<{number}>")
    return marked.replace('"<', "").replace('>"', "")


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    """One account with a type of each format and kind."""
    with world(policies.document(types())) as made:
        yield made


def tokenized(account: World, type_name: str, value: Any) -> Any:
    """What becomes of one value."""
    body = dumped({"items": [{"type": type_name, "value": value}]}).encode()
    return account.tokenize(body=body).only


def exact(body: bytes | str) -> Any:
    """A parsed body whose numbers have lost no digit."""
    return json.loads(body, parse_int=Decimal, parse_float=Decimal)


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_a_value_of_every_format_comes_back(shared: World, name: str, kind: str) -> None:
    """In its canonical form, in full and masked; deterministic types give the same token again."""
    spelled, canonical, mask = VALUES[name]
    token = tokenized(shared, f"{name}-{kind}", spelled)["token"]
    [revealed] = exact(shared.detokenize(token).raw.body)["results"]
    assert revealed["value"] == canonical
    assert shared.masked(token).only["value"] == mask
    again = tokenized(shared, f"{name}-{kind}", canonical)["token"]
    assert (again == token) == (kind != "random")


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_a_token_of_every_format_is_no_value(shared: World, name: str, kind: str) -> None:
    """Nobody tokenizes twice by mistake."""
    token = tokenized(shared, f"{name}-{kind}", VALUES[name][0])["token"]
    assert tokenized(shared, f"{name}-{kind}", token)["error"]["code"] == "invalid_value"


def test_every_format_has_a_value_here() -> None:
    """No format in the table goes without these tests."""
    assert set(VALUES) == set(registry.FORMATS)


def test_a_code_of_a_card_is_gone_within_forty_minutes(shared: World) -> None:
    """A caller may ask for less, and not for more."""
    item = {"type": "card_verification_code-random", "value": "123"}
    over, most = shared.tokenize({**item, "ttl_seconds": 2401}, {**item, "ttl_seconds": 2400}).body["results"]
    assert over["error"]["code"] == "invalid_value"
    assert "expires_at" in most


@pytest.mark.parametrize("number", ["1e99999999999999999999", "9" * 5000, "9" * 5000 + ".0"])
def test_a_number_beyond_reason_fails_its_item_and_no_other(shared: World, number: str) -> None:
    """A number that few parsers take is refused where it stands, also where a text was to stand."""
    for name in ("text", "json"):
        items = f'{{"type": "{name}-random", "value": {number}}}, {{"type": "text-random", "value": "x"}}'
        refused, made = shared.tokenize(body=f'{{"items": [{items}]}}'.encode()).body["results"]
        assert refused["error"]["code"] == "invalid_value"
        assert made["token"]
