"""Tests of randomness with bounds so wide that a fair source never fails them, and a biased one does."""

from collections import Counter
from collections.abc import Hashable, Sequence
from math import sqrt

DEVIATIONS = 6
"""Standard deviations of a correlation that are let pass: chance exceeds them once in 10**9 times."""

UNLIKELINESS = 20
"""A chi-square is let pass unless chance made it with less than e**-20, which is once in 10**8 times."""


def assert_uniform(counted: Counter[Hashable], kinds: int) -> None:
    """Pearson's chi-square over `kinds` equally likely outcomes, each expected ten times or more."""
    expected = counted.total() / kinds
    assert expected >= 10
    statistic = sum((count - expected) ** 2 / expected for count in counted.values())
    statistic += expected * (kinds - len(counted))
    _assert_chi_square(statistic, kinds - 1)


def assert_uncorrelated(first: Sequence[float], second: Sequence[float]) -> None:
    """Pearson's correlation of two series is what chance makes it."""
    means = sum(first) / len(first), sum(second) / len(second)
    products = sum((a - means[0]) * (b - means[1]) for a, b in zip(first, second, strict=True))
    spreads = [
        sum((a - mean) ** 2 for a in series) for series, mean in zip((first, second), means, strict=True)
    ]
    assert abs(products / sqrt(spreads[0] * spreads[1])) < DEVIATIONS / sqrt(len(first))


def assert_independent(pairs: Sequence[tuple[Hashable, Hashable]]) -> None:
    """Pearson's chi-square of a table of two outcomes: one says nothing of the other."""
    rows, columns = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    seen = Counter(pairs)
    statistic = 0.0
    for a, row in rows.items():
        for b, column in columns.items():
            expected = row * column / len(pairs)
            assert expected >= 5
            statistic += (seen[a, b] - expected) ** 2 / expected
    _assert_chi_square(statistic, (len(rows) - 1) * (len(columns) - 1))


def _assert_chi_square(statistic: float, freedom: int) -> None:
    """Bounds that hold at any freedom: Laurent and Massart, Annals of Statistics 28 (2000), lemma 1."""
    spread = 2 * sqrt(freedom * UNLIKELINESS)
    assert freedom - spread < statistic < freedom + spread + 2 * UNLIKELINESS
