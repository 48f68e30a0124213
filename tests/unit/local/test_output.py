"""What the launcher says, to readers that go."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

SAYS = """
from local.output import UnheardError, say
try:
    input()
    say("a line")
except UnheardError:
    raise SystemExit(7)
"""


@pytest.mark.parametrize("opened", [os.openpty, os.pipe])
def test_a_line_that_nobody_reads_is_one_error_of_its_own(opened: Callable[[], tuple[int, int]]) -> None:
    """A closed terminal (EIO) and a pipe without a reader (EPIPE) alike; nothing fails at the end."""
    reader, writer = opened()
    saying = subprocess.Popen(
        [sys.executable, "-c", SAYS], stdin=subprocess.PIPE, stdout=writer, stderr=subprocess.PIPE
    )
    os.close(reader)
    os.close(writer)
    _, errors = saying.communicate(b"go\n", timeout=60)
    assert (saying.returncode, errors) == (7, b"")


def test_another_error_of_writing_stays_what_it_is() -> None:
    """Here of a descriptor that is open for reading only."""
    with open(os.devnull, "rb") as not_for_writing:
        done = subprocess.run(
            [sys.executable, "-c", SAYS],
            input=b"go\n",
            stdout=not_for_writing,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert b"Bad file descriptor" in done.stderr
    assert done.returncode not in (0, 7)
