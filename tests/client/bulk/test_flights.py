"""Work side by side: results in order, a bounded number ahead, errors in their place."""

import random
import threading
import time

import pytest
from tokenvault_client.bulk.flights import in_order


def nothing() -> None: ...


def test_results_come_in_order_whatever_is_done_first() -> None:
    """Later pieces are done before earlier ones, and wait."""
    done = list[int]()

    def do(work: int) -> int:
        time.sleep(random.Random(work).random() * 0.02)
        done.append(work)
        return -work

    results = list(in_order(iter(range(60)), do, 8, nothing, ahead=16))
    assert results == [(n, -n) for n in range(60)]
    assert done != sorted(done)


def test_a_slow_piece_holds_up_a_bounded_number() -> None:
    """The input is not read further meanwhile, so memory stays flat."""
    read, go_on = list[int](), threading.Event()

    def works() -> object:
        for number in range(100):
            read.append(number)
            yield number

    def do(work: int) -> int:
        if work == 0:
            go_on.wait(10)
        return work

    seen = list[int]()

    def waiting() -> None:
        seen.append(len(read))
        go_on.set()

    assert len(list(in_order(works(), do, 4, waiting, ahead=16))) == 100  # type: ignore[arg-type]
    assert seen == [16]


@pytest.mark.parametrize("parallel", [1, 4])
def test_an_error_comes_in_its_place(parallel: int) -> None:
    """After the results before it; also a time-out of the work's own."""

    def do(work: int) -> int:
        if work == 5:
            raise TimeoutError
        return work

    results = list[int]()
    with pytest.raises(TimeoutError):
        results.extend(work for work, _ in in_order(iter(range(9)), do, parallel, nothing, ahead=8))
    assert results == [0, 1, 2, 3, 4]
