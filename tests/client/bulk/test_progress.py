"""The progress of an import in words."""

import io

from tokenvault_client.bulk.progress import Progress, Reached


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_says_rows_a_second_and_the_time_left() -> None:
    """Of this run: what an earlier one did tells nothing of the speed now."""
    clock = Clock()
    progress = Progress(None, Reached(5000, 0, 0.5, 4), clock=clock)
    clock.now = 100.0
    assert progress.line(Reached(6000, 0, 0.6, 8)) == (
        "6,000 rows, 60%, 10 rows/s, 6 min 40 s left, 8 requests at a time"
    )
    assert progress.line(Reached(6000, 1234, 0.505, 1)) == (
        "6,000 rows, 50%, 10 rows/s, 2 h 45 min left, 1 request at a time, 1,234 bad cells"
    )
    assert "left" not in progress.line(Reached(5000, 0, 0.5, 4))


def test_before_a_row_is_done_no_time_is_told() -> None:
    """A header that was read tells nothing of the rows."""
    clock = Clock()
    progress = Progress(None, Reached(0, 0, 0.0, 4), clock=clock)
    clock.now = 10.0
    assert "left" not in progress.line(Reached(0, 0, 0.0004, 4))


def test_elsewhere_than_at_a_terminal_it_is_plain_lines() -> None:
    """One every ten seconds, for a log."""
    clock, stream = Clock(), io.StringIO()
    progress = Progress(stream, Reached(0, 0, 0.0, 4), clock=clock)
    for _ in range(25):
        clock.now += 1.0
        progress.tell(Reached(int(clock.now), 0, clock.now / 100, 4))
    progress.end()
    assert [line.split(" ")[0] for line in stream.getvalue().splitlines()] == ["10", "20"]
    assert "\r" not in stream.getvalue()


def test_at_a_terminal_a_line_is_written_over() -> None:
    """Also a longer one by a shorter one; what comes next begins on a line of its own."""
    clock, stream = Clock(), io.StringIO()
    progress = Progress(stream, Reached(0, 0, 0.0, 4), terminal=True, clock=clock)
    for failed in (1000, 0):
        clock.now += 1.0
        progress.tell(Reached(100, failed, 0.5, 4))
    progress.end()
    first, second = stream.getvalue().removesuffix("\n").removeprefix("\r").split("\r")
    assert len(second) == len(first)
    assert stream.getvalue().endswith("\n")
