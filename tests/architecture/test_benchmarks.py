"""What the pages say was measured is what was measured."""

import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from benchmarks import cases, pictures, report
from benchmarks.account import Account
from benchmarks.aws.session import StubbedAws
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
    assert beside_peers.replaced(written, beside_peers.block(measured)) == written
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
    """`make bench` meets a service that has changed since: each case is carried out once, and checked."""
    monkeypatch.setattr(wiring, "service", wiring.service)  # the handlers put another in its place
    aws = StubbedAws()
    with aws.installed(), redirect_stdout(StringIO()):
        account = Account(aws)
        for case in (*cases.tokenizing(account), *cases.detokenizing(account)):
            case.check(case.run(case.event()))
