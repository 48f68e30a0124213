"""`make evidence`: collects the parts, writes the folder, and says what it holds and what it lacks."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from tests.support.evidence import folder
from tests.support.evidence.collecting import ROOT, Given, parts
from tests.support.evidence.part import Part


def main(arguments: Sequence[str], today: date) -> int:
    """Command line; 1 if a named test or a check of the stack failed, else 0."""
    chosen = _parser().parse_args(arguments)
    given = Given(chosen.results, chosen.stack, chosen.state, chosen.local)
    with tempfile.TemporaryDirectory() as scratch:
        return filed(parts(given, Path(scratch)), chosen.out, today)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make evidence", description="What an auditor files.")
    for name, what in (
        ("results", "JUnit XML of a run of the suite; without it, the tests that requirements name are run"),
        ("stack", "what `terraform output -json` printed of the stack to check"),
        ("state", "what `terraform show -json` printed of it, for the policies as they are applied"),
    ):
        parser.add_argument(f"--{name}", type=Path, help=what)
    parser.add_argument("--local", type=Path, default=ROOT / ".local", help="folder of the local stack")
    parser.add_argument("--out", type=Path, default=ROOT / "evidence", help="where the dated folder is made")
    return parser


def filed(found: Sequence[Part], out: Path, today: date) -> int:
    """Writes the folder and says what it holds and what it lacks; the exit code."""
    written = folder.write(out, today, found)
    missing = sum(len(part.missing) for part in found)
    for part in found:
        print(f"{part.state:12} {part.title}: {part.summary}")
    print(f"{missing} things are missing; index.html names them\n{written}")
    return 1 if folder.worst(found) == "failed" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], datetime.now(UTC).date()))
