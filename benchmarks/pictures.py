"""Bars as SVG, written by hand: nothing to install, and a diff that can be read. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

_WIDTH: Final = 760
_LEFT: Final = 230
_BAR: Final = 18
_GROUP_GAP: Final = 16
_COLOURS: Final = {"floor": "#9aa5b1", "tokenvault": "#2563eb", "the sample's way": "#d97706"}

Bars = Sequence[tuple[str, Mapping[str, float]]]
"""Groups of bars: a label, and the length of each bar by what it stands for."""


def cpu(results: Mapping[str, Any]) -> str:
    """CPU of an operation: floor, ours, the sample's."""
    rows = results["operations"]
    names = ("tokenize opaque, 1", "detokenize found, 1", "tokenize opaque, 100", "detokenize found, 100")
    groups = [
        (
            name,
            {
                "floor": rows[rows[name]["floor"]]["cpu_us"],
                "tokenvault": rows[name]["cpu_us"],
                "the sample's way": rows[_sampled(name)]["cpu_us"],
            },
        )
        for name in names
    ]
    return _drawn(f"CPU of an operation in µs ({results['date']})", groups, "{:,.0f}")


def cost(results: Mapping[str, Any]) -> str:
    """KMS and Lambda for a million operations."""
    rows = results["operations"]
    names = ("tokenize opaque, 1", "detokenize found, 1", "tokenize opaque, 100", "detokenize found, 100")
    groups = [
        (
            name,
            {
                whose: sum(rows[row]["dollars_per_million"][part] for part in ("kms", "lambda"))
                for whose, row in (("tokenvault", name), ("the sample's way", _sampled(name)))
            },
        )
        for name in names
    ]
    return _drawn(
        f"KMS and Lambda for a million operations, US dollars ({results['date']})", groups, "{:.2f}"
    )


def _sampled(name: str) -> str:
    operation, _, size = name.rpartition(", ")
    return f"sample, kept: {operation.split()[0]}, {size}"


def _drawn(title: str, groups: Bars, number: str) -> str:
    longest = max(length for _, bars in groups for length in bars.values())
    top, lines = 64, []
    for place, name in enumerate(groups[0][1]):
        x = _LEFT + place * 150
        lines.append(f'<rect x="{x}" y="36" width="12" height="12" fill="{_COLOURS[name]}"/>')
        lines.append(f'<text x="{x + 18}" y="46">{name}</text>')
    for label, bars in groups:
        lines.append(f'<text x="8" y="{top + 14}">{label}</text>')
        for name, length in bars.items():
            width = max(1, round(length / longest * (_WIDTH - _LEFT - 70)))
            lines.append(
                f'<rect x="{_LEFT}" y="{top}" width="{width}" height="{_BAR - 4}" fill="{_COLOURS[name]}"/>'
            )
            lines.append(f'<text x="{_LEFT + width + 6}" y="{top + 12}">{number.format(length)}</text>')
            top += _BAR
        top += _GROUP_GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{top}" font-family="sans-serif"'
    style = f'{head} font-size="12" fill="#374151"><rect width="100%" height="100%" fill="white"/>'
    return "\n".join([style, f'<text x="8" y="22" font-size="14">{title}</text>', *lines, "</svg>", ""])
