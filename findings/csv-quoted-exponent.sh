#!/usr/bin/env bash
# Digits, one E, digits: CSV readers take such an identifier for a number, quoted or not, and many become one infinity.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile duckdb==2.0.1 pandas==3.1.1 polars==2.1.0 pyarrow==26.0.1
cd "$work"

./venv/bin/python - <<'PY'
import math
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow
from pyarrow import csv

Path("ids.csv").write_text('id\n"549300E9001313"\n"222222E9001999"\n', encoding="ascii")
read = {
    f"duckdb {duckdb.__version__}": [row[0] for row in duckdb.sql("from 'ids.csv'").fetchall()],
    f"pandas {pandas.__version__}": pandas.read_csv("ids.csv")["id"].tolist(),
    f"polars {polars.__version__}": polars.read_csv("ids.csv")["id"].to_list(),
    f"pyarrow {pyarrow.__version__}": csv.read_csv("ids.csv")["id"].to_pylist(),
}
for reader, ids in read.items():
    print(f"{reader}: two quoted identifiers are read as {ids}")
    assert ids == [math.inf, math.inf], f"{reader} reads them otherwise now"

Path("zeros.csv").write_text('id\n"0012345678"\n', encoding="ascii")
kept = duckdb.sql("from 'zeros.csv'").fetchall()
print("duckdb, which does know that leading zeros make an identifier:", kept)
assert kept == [("0012345678",)]
PY
