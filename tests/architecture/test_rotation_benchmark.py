"""What `docs/performance.md` says of rotations is what was measured, and can be measured again."""

import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from benchmarks.aws.session import StubbedAws
from benchmarks.report import replaced
from benchmarks.rotation import ratios, report, whole
from benchmarks.rotation.stored import store
from chalicelib import wiring
from chalicelib.vault.walks import PAGE_RECORDS

ROOT = Path(__file__).resolve().parents[2]
MEASURED = json.loads((ROOT / "benchmarks/rotation.json").read_text())


@pytest.fixture(autouse=True)
def same_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handlers of a benchmark put another service in the place of the container's."""
    monkeypatch.setattr(wiring, "service", wiring.service)


def test_the_page_shows_the_results() -> None:
    """The tables are those that `make rotation-bench` makes of `rotation.json`, to the last figure."""
    written = (ROOT / "docs/performance.md").read_text()
    assert replaced(written, report.block(MEASURED), report.MARK) == written


def test_limits_that_are_met_stay_met() -> None:
    """What was measured last: less than the two requests, and no more memory for ten times the records."""
    assert MEASURED["ratios"]["1"] <= report.RATIO
    smaller, larger = MEASURED["whole"].values()
    assert (smaller["records"], larger["records"]) == (10**5, 10**6)
    assert larger["peak_mb"] <= report.GROWTH * smaller["peak_mb"]


def test_a_page_is_still_measured_beside_requests() -> None:
    """`make rotation-bench` meets a service that has changed since: each case is tried, twice."""
    measured = ratios.measured(2)
    assert set(measured["cpu_us"]) == set(MEASURED["cpu_us"])
    assert set(measured["ratios"]) == set(MEASURED["ratios"])


def test_a_whole_rotation_moves_every_record(tmp_path: Path) -> None:
    """More than two pages, from a file, by containers that know nothing of the one that stored them."""
    aws = StubbedAws()
    with aws.installed(), redirect_stdout(StringIO()):
        store(aws, tmp_path, 2 * PAGE_RECORDS + 1)
    assert whole.walked(tmp_path)["records"] == 2 * PAGE_RECORDS + 1
    assert whole.walked(tmp_path)["records"] == 0
