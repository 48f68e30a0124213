"""Short-lived secrets: when they pass, how their ids sort, and what is made of two secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.vault.short_lived import (
    SLICE_SECONDS,
    begins,
    joined_id,
    joined_secret,
    passes_at,
    passing,
    short_lived_id,
)

TIMES = st.integers(0, 10**10 - 1 - SLICE_SECONDS)


@given(TIMES)
def test_a_secret_passes_when_its_records_have_expired(expires_at: int) -> None:
    """Never before, less than a slice later, and at the very second if that is the end of a slice."""
    assert 0 <= passes_at(expires_at) - expires_at < SLICE_SECONDS
    assert passes_at(passes_at(expires_at)) == passes_at(expires_at)


@given(TIMES, TIMES)
def test_ids_sort_by_time_and_say_it(early: int, late: int) -> None:
    """Whatever names they have; what begins an id begins no other time's."""
    first, second = short_lived_id(early, "f" * 32), short_lived_id(late, "0" * 32)
    assert (passing(first), passing(second)) == (early, late)
    assert early == late or (first < second) == (early < late)
    assert second.startswith(begins(early)) == (early == late)
    assert first < begins(early + 1)


@pytest.mark.parametrize(
    "other", ["", ".", "a" * 32, "1500.a", "-000001500.a", "0000001500", "\u0661000001500.a"]
)
def test_no_other_id_has_a_time(other: str) -> None:
    """Ids of persons' secrets are hexadecimal digits only."""
    assert passing(other) is None


def test_secrets_are_joined_so_that_each_is_needed() -> None:
    """One stands for itself, two are neither, and their order counts."""
    mine, yours = bytes(32), bytes([1] * 32)
    assert (joined_secret([]), joined_secret([mine])) == (b"", mine)
    both = {joined_secret(pair) for pair in ([mine, yours], [yours, mine], [mine, mine])}
    assert len(both) == 3
    assert {len(secret) for secret in both} == {32}
    assert not both & {mine, yours}
    assert [joined_id(ids) for ids in ([], ["a"], ["a", "b"])] == ["", "a", "a/b"]
