"""The tests of randomness find what is not random."""

import random
from collections import Counter

import pytest

from tests.support.statistics import assert_independent, assert_uncorrelated, assert_uniform


def test_a_biased_source_is_found() -> None:
    """A die that shows six twice as often, and one that never does."""
    draw = random.Random(1)
    assert_uniform(Counter(draw.randrange(6) for _ in range(6000)), 6)
    for faces in ([0, 1, 2, 3, 4, 5, 5], [0, 1, 2, 3, 4]):
        with pytest.raises(AssertionError):
            assert_uniform(Counter(draw.choice(faces) for _ in range(6000)), 6)


def test_what_is_too_even_is_found() -> None:
    """A counter is uniform as no random source is."""
    with pytest.raises(AssertionError):
        assert_uniform(Counter(number % 1000 for number in range(100_000)), 1000)


def test_what_depends_is_found() -> None:
    """A series that drifts with another, and one that is another's remainder."""
    draw = random.Random(2)
    series = [draw.random() for _ in range(5000)]
    other = [draw.random() for _ in range(5000)]
    assert_uncorrelated(series, other)
    with pytest.raises(AssertionError):
        assert_uncorrelated(series, [a + b for a, b in zip(other, series, strict=True)])
    digits = [draw.randrange(10) for _ in range(5000)]
    assert_independent([(digit, draw.randrange(3)) for digit in digits])
    with pytest.raises(AssertionError):
        assert_independent([(digit, digit % 3) for digit in digits])
