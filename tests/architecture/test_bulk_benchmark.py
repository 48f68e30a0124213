"""What `docs/bulk.md` says was measured is what was measured, and can be measured again."""

import json
from pathlib import Path

from benchmarks.bulk import files, functions, report, runs
from benchmarks.bulk.served import served
from benchmarks.report import replaced

ROOT = Path(__file__).resolve().parents[2]
ROWS = 250
CHUNKS = 3


def test_the_page_shows_the_results() -> None:
    """The tables are those that `make bulk-bench` makes of `bulk.json`, to the last figure."""
    measured = json.loads((ROOT / "benchmarks/bulk.json").read_text())
    written = (ROOT / "docs/bulk.md").read_text()
    assert replaced(written, report.block(measured), report.MARK) == written


def test_limits_that_are_met_stay_met() -> None:
    """What was measured last: memory that does not grow with the file, and no more CPU than before."""
    measured = json.loads((ROOT / "benchmarks/bulk.json").read_text())
    assert measured["whole"]["peak_mb"] < report.PEAK_MB
    assert measured["whole"]["peak_mb"] < 1.1 * measured["part_peak_mb"]
    assert measured["service_cpu_us"]["new"] <= report.CPU_RATIO * measured["service_cpu_us"]["old"]


def test_a_file_goes_through_tool_gateway_and_service(tmp_path: Path) -> None:
    """`make bulk-bench` meets a tool and a service that have changed since: both are tried, and counted.

    A run that is killed is gone on with under the same keys, and its values have their tokens once.
    """
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    files.write(source, ROWS)
    with functions.containers(ROOT, 1) as made, served(made) as stack:

        def run(*, killed: bool) -> runs.Run:
            until = lambda: killed and made.requests > 0  # noqa: E731  # read at each look
            return runs.import_file(ROOT, stack.environment, source, out, rows=ROWS, until=until)

        run(killed=True)
        went = run(killed=False)
        asked = made.counted()
    tokens = list(files.cards(out))
    assert len(tokens) == len(set(tokens)) == ROWS
    assert not set(tokens) & set(files.cards(source))
    assert made.requests >= CHUNKS
    notes_of_requests = asked["write_units"] - ROWS
    assert (
        CHUNKS <= notes_of_requests <= 2 * CHUNKS
    )  # a request that is sent again tries to write its own anew
    assert went.peak_bytes > 0


def test_a_service_elsewhere_answers_with_tokens(tmp_path: Path) -> None:
    """So a run against it comes to its end, too."""
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    files.write(source, ROWS)
    with served(functions.Elsewhere()) as stack:
        runs.import_file(ROOT, stack.environment, source, out, rows=ROWS)
    assert len(set(files.cards(out))) == ROWS
