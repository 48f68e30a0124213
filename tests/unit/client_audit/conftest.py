"""A trail to be checked."""

import pytest

from tests.support.trails import MemoryTrail


@pytest.fixture
def trail() -> MemoryTrail:
    """Two containers with ten events each and a checkpoint, then an event of each and another checkpoint."""
    made = MemoryTrail()
    first, second = made.reveals(10), made.reveals(10)
    made.checkpoint()
    made.reveals(1, first)
    made.reveals(1, second)
    made.checkpoint()
    return made
