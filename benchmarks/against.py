"""`python -m benchmarks.against REV`: this commit beside another, round by round in turns.

The other commit is checked out into a temporary work tree with an environment of its own. Both sides run the
same cases; a busy neighbour slows both alike, and the figure is the median of the rounds' ratios.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
SIDE: Final = ROOT / "benchmarks" / "side.py"
ROUNDS: Final = int(os.environ.get("ROUNDS", "40"))

TARGETS: Final = {
    "tokenize opaque, 100": 0.62,
    "tokenize formatted, 100": 0.70,
    "tokenize opaque, 1": 0.92,
    "detokenize found, 100, tokenized together": 0.60,
    "detokenize found, 100, tokenized apart": 0.90,
    "detokenize found, 1": 0.92,
    "tokenize, 100, known subjects": 0.75,
    "tokenize, 100, new subjects": 0.85,
}
"""What new / old should come to against 30af4c1."""


class Side:
    """A process that measures one checkout."""

    def __init__(self, checkout: Path) -> None:
        python = checkout / ".venv" / "bin" / "python"
        self._process = subprocess.Popen(
            [python, SIDE], cwd=checkout, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def round(self) -> dict[str, Any]:
        """CPU seconds an operation, and requests to AWS, by case."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("round\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """A work tree of the revision with its own environment; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run(
            ["git", "worktree", "add", "--quiet", "--detach", tree, revision], cwd=ROOT, check=True
        )
        try:
            subprocess.run(["make", "--silent", ".venv/.ready"], cwd=tree, check=True)
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)


def main(revision: str) -> None:
    """Measures and prints a table."""
    with checkout(revision) as tree:
        new, old = Side(ROOT), Side(tree)
        try:
            pairs = [(new.round(), old.round()) for _ in range(ROUNDS + 1)][1:]
        finally:
            new.close()
            old.close()
    sys.stdout.write(table(pairs, revision) + "\n")


def table(pairs: list[tuple[dict[str, Any], dict[str, Any]]], revision: str) -> str:
    """The medians of new / old, CPU; and the requests of one operation's request, new and old."""
    rows = [f"| | this / {revision} | at most | us | requests |", "| --- | --- | --- | --- | --- |"]
    for name in pairs[0][0]:
        ratio = statistics.median(new[name][0] / old[name][0] for new, old in pairs)
        ours, theirs = (statistics.median(pair[i][name][0] for pair in pairs) * 1e6 for i in (0, 1))
        target = TARGETS.get(name, "")
        requests = f"{pairs[-1][0][name][1]} ({pairs[-1][1][name][1]})"
        rows.append(f"| {name} | {ratio:.2f} | {target} | {ours:.0f} ({theirs:.0f}) | {requests} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main(sys.argv[1])
