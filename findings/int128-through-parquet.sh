#!/usr/bin/env bash
# DuckDB and Polars read integers of 20 digits exactly. DuckDB writes them to Parquet as floats, Polars as what others refuse.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile duckdb==2.0.1 polars==2.1.0 pyarrow==26.0.1
cd "$work"

./venv/bin/python - <<'PY'
from pathlib import Path

import duckdb
import polars
import pyarrow
from pyarrow import parquet

numbers = [40000000000000000121, 40000000000000000139]
Path("numbers.csv").write_text("number\n" + "".join(f"{number}\n" for number in numbers), encoding="ascii")

table = duckdb.sql("from 'numbers.csv'")
read = [row[0] for row in table.fetchall()]
print(f"duckdb {duckdb.__version__} reads {table.types[0]}: {read}")
assert read == numbers
duckdb.sql("copy (from 'numbers.csv') to 'duckdb.parquet'")
written = parquet.read_table("duckdb.parquet")["number"]
print(f"and writes {written.type} into Parquet, without a word: {written.to_pylist()}")
assert str(written.type) == "double"
assert len(set(written.to_pylist())) == 1

frame = polars.read_csv("numbers.csv")
print(f"polars {polars.__version__} reads {frame.schema['number']}: {frame['number'].to_list()}")
assert frame["number"].to_list() == numbers
frame.write_parquet("polars.parquet")
assert polars.read_parquet("polars.parquet")["number"].to_list() == numbers
try:
    parquet.read_table("polars.parquet")
except pyarrow.ArrowException as error:
    print(f"and writes Parquet that pyarrow {pyarrow.__version__} refuses: {error}")
else:
    raise SystemExit("pyarrow reads what Polars wrote now")
PY
