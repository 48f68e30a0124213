#!/usr/bin/env bash
# A null in a table of one column: what one CSV writer makes of it, another reader takes for no row at all, its own too.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile duckdb==2.0.1 pandas==3.1.1 polars==2.1.0 pyarrow==26.0.1
cd "$work"

./venv/bin/python - <<'PY'
import csv
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow
from pyarrow import csv as arrow_csv

VALUES = ["x", None, "y"]


def by_csv(file):
    with open(file, "w", newline="") as lines:
        csv.writer(lines).writerows([["a"], *([value] for value in VALUES)])


DUCKDB = "copy (from (values ('x'), (null), ('y')) t(a)) to '{}' (header)"
write = {
    "csv": by_csv,
    "duckdb": lambda file: duckdb.sql(DUCKDB.format(file)),
    "pandas": lambda file: pandas.DataFrame({"a": VALUES}).to_csv(file, index=False),
    "polars": lambda file: polars.DataFrame({"a": VALUES}).write_csv(file),
    "pyarrow": lambda file: arrow_csv.write_csv(pyarrow.table({"a": VALUES}), file),
}
read = {
    "csv.reader": lambda file: len(list(csv.reader(open(file, newline="")))) - 1,
    "csv.DictReader": lambda file: len(list(csv.DictReader(open(file, newline="")))),
    "duckdb": lambda file: len(duckdb.sql(f"from '{file}'").fetchall()),
    "pandas": lambda file: len(pandas.read_csv(file)),
    "polars": lambda file: polars.read_csv(file).height,
    "pyarrow": lambda file: arrow_csv.read_csv(file).num_rows,
}
print(f"duckdb {duckdb.__version__}, pandas {pandas.__version__}, polars {polars.__version__}, pyarrow {pyarrow.__version__}")
lossy = {"csv.DictReader", "pandas", "pyarrow"}
for writer, to_file in write.items():
    to_file("one.csv")
    rows = {reader: of_file("one.csv") for reader, of_file in read.items()}
    print(f"{writer} writes {Path('one.csv').read_bytes()!r}: of 3 rows are read {rows}")
    quoted = writer in ("csv", "pandas")
    expected = {reader: 3 if quoted or reader not in lossy else 2 for reader in read}
    assert rows == expected, f"otherwise now: {expected} was seen"
PY
