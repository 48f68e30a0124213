#!/usr/bin/env bash
# Quoted telephone numbers in CSV: pandas makes integers of them, PyArrow floats, Polars and DuckDB leave them alone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile duckdb==2.0.1 pandas==3.1.1 polars==2.1.0 pyarrow==26.0.1
cd "$work"

./venv/bin/python - <<'PY'
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow
from pyarrow import csv

# The first is a number kept for fiction; the second begins with +0, which no country has.
written = ["+12025550123", "+085520848684533"]
Path("phones.csv").write_text("phone\n" + "".join(f'"{number}"\n' for number in written), encoding="ascii")
frame = pandas.read_csv("phones.csv")["phone"]
column = csv.read_csv("phones.csv")["phone"]
untouched = {
    f"polars {polars.__version__}": polars.read_csv("phones.csv")["phone"].to_list(),
    f"duckdb {duckdb.__version__}": [row[0] for row in duckdb.sql("from 'phones.csv'").fetchall()],
}
print(f"written: {written}")
print(f"pandas {pandas.__version__}: {frame.tolist()} ({frame.dtype})")
print(f"pyarrow {pyarrow.__version__}: {column.to_pylist()} ({column.type})")
for reader, numbers in untouched.items():
    print(f"{reader}: {numbers}")
    assert numbers == written
assert (str(frame.dtype), frame.tolist()) == ("int64", [12025550123, 85520848684533])
assert (str(column.type), column.to_pylist()) == ("double", [12025550123.0, 85520848684533.0])
PY
