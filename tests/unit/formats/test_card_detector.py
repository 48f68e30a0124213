"""The card detector: it finds card numbers however they are written, and leaves ids alone."""

import os
import random
import uuid
from collections.abc import Callable

import pytest

from chalicelib.formats.card_detector import looks_like_card
from chalicelib.formats.card_networks import RANGES, Range
from chalicelib.formats.luhn import passes_luhn

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
IDS = 1_000_000 if NIGHTLY else 10_000
CARDS = 100_000 if NIGHTLY else 400
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TWITTER, DISCORD = 1_288_834_974_657, 1_420_070_400_000


@pytest.mark.parametrize(
    "text",
    [
        "04654177-7571-43b0-80cd-76a80ff5cf57",  # CD-01 https://github.com/philterd/phileas/issues/120
        "173000000000000005",  # CD-03 https://github.com/pii-shield/pii-shield/pull/209
        "1795812000002",  # CD-04 https://github.com/tinyhumansai/tinycortex/pull/154
        "1800000000002",  # CD-06 https://github.com/zaproxy/zaproxy/issues/8986
        "7529dc65be79293398973831",  # CD-08 https://github.com/sipyourdrink-ltd/bernstein/issues/3810
        "u4111111111111111",
        "a4111111111111111b",
        "4111111111111111e5",
        "0.4111111111111111",
        "52.5200066,13.4049540",
        "123-4567890-1234567",
        "4111 1111 1111 1112",
        "411111111111111",
        "501800000008",
        "",
    ],
)
def test_an_id_is_no_card(text: str) -> None:
    """UUIDs, snowflakes, times, digits within letters, decimals, orders; no check digit, no such length."""
    assert not looks_like_card(text)


@pytest.mark.parametrize(
    "text",
    [
        "4111.1111.1111.1111",  # CD-09 https://github.com/librefang/librefang/pull/8193
        "4111\u00a01111\u00a01111\u00a01111",  # CD-10 https://github.com/Respect/Validation/issues/1431
        "4111\t1111\t1111\t1111",  # CD-12 https://github.com/elizaOS/eliza/pull/27983
        "4111\n1111\n1111\n1111",
        "".join(chr(0xFF10 + int(digit)) for digit in "4111111111111111"),  # CD-14
        "".join(chr(0x0660 + int(digit)) for digit in "4111111111111111"),
        "4111/1111/1111/1111",  # CD-15 https://github.com/elizaOS/eliza/pull/28960
        "4111 - 1111 - 1111 - 1111",
        "card 501800000009",  # CD-17
        "4111_1111_1111_1111",
        "4111:1111:1111:1111",
        "4111  1111  1111  1111",
        "4111\u20111111\u20111111\u20111111",
        "4111 1111 1111 1111 12/27",
        "12/27 4111111111111111",
        "paid with 3782 822463 10005, thanks",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "4111111111111111.0",
        "user:4111111111111111",
        "41-1 11 1-111 111-1 111",
    ],
)
def test_a_card_is_found(text: str) -> None:
    """However it is spelled, and whatever stands around it."""
    assert looks_like_card(text)


def _v7(draw: random.Random) -> str:
    moment = draw.randrange(1_600_000_000_000, 1_850_000_000_000)
    return str(
        uuid.UUID(int=moment << 80 | 7 << 76 | draw.getrandbits(12) << 64 | 2 << 62 | draw.getrandbits(62))
    )


def _ulid(draw: random.Random) -> str:
    number = draw.randrange(1_600_000_000_000, 1_850_000_000_000) << 80 | draw.getrandbits(80)
    return "".join(CROCKFORD[number >> 5 * place & 31] for place in range(25, -1, -1))


def _snowflake(epoch: int) -> Callable[[random.Random], str]:
    return lambda draw: str(
        draw.randrange(1_700_000_000_000, 1_800_000_000_000) - epoch << 22 | draw.getrandbits(22)
    )


def _order(draw: random.Random, *lengths: int) -> str:
    return "-".join(f"{draw.randrange(10**length):0{length}}" for length in lengths)


MADE: dict[str, Callable[[random.Random], str]] = {
    "UUID v4": lambda draw: str(uuid.UUID(int=draw.getrandbits(128), version=4)),
    "UUID v7": _v7,
    "hexadecimal, 24": lambda draw: f"{draw.getrandbits(96):024x}",
    "hexadecimal, 32": lambda draw: f"{draw.getrandbits(128):032x}",
    "ULID": _ulid,
    "snowflake (Twitter)": _snowflake(TWITTER),
    "snowflake (Discord)": _snowflake(DISCORD),
    "milliseconds": lambda draw: str(draw.randrange(1_500_000_000_000, 1_999_999_999_999)),
    "microseconds": lambda draw: str(draw.randrange(1_500_000_000_000_000, 1_999_999_999_999_999)),
    "order, 3-7-7": lambda draw: _order(draw, 3, 7, 7),
    "order, 2-5-5": lambda draw: _order(draw, 2, 5, 5),
    "coordinates": lambda draw: f"{draw.random() * 90:.7f},{draw.random() * 180:.7f}",
}  # fmt: skip


@pytest.mark.parametrize("kind", MADE)
def test_at_most_one_id_in_100_000_is_refused(kind: str) -> None:
    """Ids of the usual kinds; a million of each at night."""
    draw = random.Random(kind)
    refused = sum(looks_like_card(MADE[kind](draw)) for _ in range(IDS))
    assert refused <= IDS // 100_000


SEPARATORS = [
    *(" ", "-", ".", "/", "_", ":", ",", "|", "\t", "\n", "  ", "--", ". ", ", ", " -", " - ", " / ", "\r\n"),
    *("\u00a0", "\u202f", "\u2009", "\u3000", "\u2010", "\u2011", "\u2013", "\u2212", "\u00b7", "\u2022"),
    *("\u200b", "\u2060", "\u00ad", "\u200e "),
]
WHOLE = ["{}", " {} ", "card: {}", "PAN={};", "({})", "<{}>", "id_{}", "{}, exp 12/27"]
SPELLINGS = len(SEPARATORS) + len(WHOLE)


def _grouped(digits: str) -> list[str]:
    """Pieces as they are printed: Amex and Diners in their own way, others in fours."""
    if len(digits) in (14, 15) and digits[0] == "3":
        return [digits[:4], digits[4:10], digits[10:]]
    return [digits[place : place + 4] for place in range(0, len(digits), 4)]


def spelled(digits: str) -> list[str]:
    """A card number in forty spellings."""
    parted = [separator.join(_grouped(digits)) for separator in SEPARATORS]
    return [*parted, *(form.format(digits) for form in WHOLE)]


def _card(known: Range, draw: random.Random) -> str:
    first = str(draw.randint(int(known.first), int(known.last)))
    length = draw.choice(sorted(known.lengths))
    body = first + "".join(draw.choice("0123456789") for _ in range(length - len(first) - 1))
    return next(made for digit in range(10) if passes_luhn(made := f"{body}{digit}"))


@pytest.mark.parametrize("known", RANGES, ids=lambda known: f"{known.first}-{known.last}")
def test_no_card_is_missed(known: Range) -> None:
    """Numbers of every network in forty spellings, also in other digits; a hundred thousand at night."""
    assert SPELLINGS == 40
    draw = random.Random(known.first)
    for _ in range(CARDS // len(RANGES) + 1):
        digits = _card(known, draw)
        for text in spelled(digits):
            assert looks_like_card(text), ascii(text)
        assert looks_like_card("".join(chr(draw.choice([0xFF10, 0x966]) + int(digit)) for digit in digits))
