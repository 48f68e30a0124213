"""Items to tokenize, of every kind there is: different ones for each number."""

from typing import Any

from chalicelib.formats.luhn import passes_luhn

Item = dict[str, Any]


def card(number: int) -> str:
    """A card number for each number."""
    [digits] = [made for last in range(10) if passes_luhn(made := f"4{number:014}{last}")]
    return digits


def opaque(n: int) -> list[Item]:
    return [{"type": "text", "value": f"text {n}"}]


def formatted(n: int) -> list[Item]:
    return [{"type": "card_number", "value": card(n)}]


def limited(n: int) -> list[Item]:
    return [{"type": "short_lived", "value": f"t {n}", "ttl_seconds": 900, "metadata": {"order": "7"}}]


def kms(n: int) -> list[Item]:
    return [{"type": "card_known", "value": card(n)}]


def cached(n: int) -> list[Item]:
    return [{"type": "text_known", "value": f"text {n}"}]


def of_a_subject(n: int) -> list[Item]:
    items = [item for kind in (opaque, formatted, kms, cached) for item in kind(n)]
    return [{**item, "subject": f"person-{n}"} for item in items]


def batch(n: int) -> list[Item]:
    """Two of what is written or derived side by side, all of one subject."""
    items = [item for i in (0, 1) for kind in (opaque, formatted, kms) for item in kind(1000 * n + i)]
    return [{**item, "subject": f"person-{n}"} for item in items]
