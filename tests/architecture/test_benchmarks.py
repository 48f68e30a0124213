"""What the pages say was measured is what was measured."""

import json
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from benchmarks import cases, pictures, report
from benchmarks.account import Account
from benchmarks.aws.session import StubbedAws
from benchmarks.measuring import Case
from benchmarks.peers import report as beside_peers
from chalicelib import wiring

ROOT = Path(__file__).resolve().parents[2]
PERFORMANCE = ROOT / "docs/performance.md"
RESULTS = json.loads((ROOT / "benchmarks/results.json").read_text())


@pytest.mark.parametrize(
    ("page", "text"), [("README.md", report.block), ("docs/performance.md", report.whole)]
)
def test_pages_show_the_results(page: str, text: report.Render) -> None:
    """The tables are those that `make bench` makes of `results.json`, to the last figure."""
    written = (ROOT / page).read_text()
    assert report.replaced(written, text(RESULTS)) == written


@pytest.mark.parametrize(("name", "draw"), [("cpu.svg", pictures.cpu), ("cost.svg", pictures.cost)])
def test_pictures_show_the_results(name: str, draw: report.Render) -> None:
    """So are the pictures."""
    assert (ROOT / "benchmarks" / name).read_text() == draw(RESULTS)


def test_the_page_shows_what_was_measured_beside_peers() -> None:
    """So does the table of `make bench-peers`, of `peers.json`; each target has its row."""
    measured, written = json.loads((ROOT / "benchmarks/peers.json").read_text()), PERFORMANCE.read_text()
    assert report.replaced(written, beside_peers.block(measured), beside_peers.MARK) == written
    operations = {ours.partition(": ")[0] for ours, _ in beside_peers.pairs(measured["cpu_us"])}
    assert set(beside_peers.WANTED) <= operations


def test_a_page_without_a_place_is_refused() -> None:
    """Nothing is written where nobody asked for it."""
    with pytest.raises(ValueError, match="no place"):
        report.replaced("a page", "results")


def test_every_target_has_its_row() -> None:
    """An operation that is renamed does not lose its target unseen."""
    assert set(report.TARGETS) <= set(RESULTS["operations"])


def test_the_start_on_a_developers_machine_is_as_quick_as_promised() -> None:
    """What was measured last, by `make bench`: a start takes a few seconds, in work as in time."""
    assert RESULTS["dev"]["wall_ms"] < report.DEV_SECONDS * 1000
    assert RESULTS["dev"]["ratio"] < report.DEV_RATIO


def test_every_operation_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make bench` meets a service that has changed since: each case is tried, and waits as the page says."""
    monkeypatch.setattr(wiring, "service", wiring.service)  # the handlers put another in its place
    aws = StubbedAws()
    with aws.installed(), redirect_stdout(StringIO()):
        account = Account(aws)
        ours = [
            *cases.tokenizing(account),
            *cases.of_subjects(account),
            *cases.keyed(account),
            *cases.detokenizing(account),
        ]
        for case in ours:
            case.check(case.run(case.event()))
        assert {case.name for case in ours} <= set(RESULTS["operations"])
        aws.wait = wait = Waiting()
        for case in ours:
            declared = sum(times for _, times in case.waits)
            assert wait.fewest(case, declared) == declared, case.name
            assert RESULTS["operations"][case.name]["waits_in_a_row"] == declared


class Waiting:
    """AWS takes a moment for each call; how many calls of a request have to wait for others before them?"""

    def __init__(self) -> None:
        self._spans: list[tuple[float, float]] = []

    def __call__(self, operation: str) -> None:
        begun = time.monotonic()
        time.sleep(0.02)
        self._spans.append((begun, time.monotonic()))

    def fewest(self, case: Case, enough: int) -> int:
        """Of a few tries: where the machine is busy, calls that go side by side may begin late."""
        found = self._in_a_row(case)
        for _ in range(4):
            found = found if found <= enough else min(found, self._in_a_row(case))
        return found

    def _in_a_row(self, case: Case) -> int:
        """The longest row of calls none of which began before the one before it had ended."""
        event = case.event()
        self._spans.clear()
        case.run(event)
        row, end = 0, 0.0
        for begun, ended in sorted(self._spans, key=lambda span: span[1]):
            if begun >= end:
                row, end = row + 1, ended
        return row
