#!/usr/bin/env bash
# A UUID that DuckDB writes to Parquet is 16 bytes to polars and, without zeros at its end, fewer to fastparquet.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv tools
tools/bin/pip install --quiet --disable-pip-version-check \
  duckdb==2.0.1 polars==2.1.0 pandas==3.1.1 pyarrow==26.0.1 fastparquet==2026.9.0
tools/bin/python -W ignore - <<'PY'
from uuid import UUID

import duckdb
import pandas
import polars
from pyarrow import parquet

ID = UUID("550e8400-e29b-41d4-a716-446655440000")  # made up
duckdb.sql(f"copy (select uuid '{ID}' as id, 'x' as what) to 'ids.parquet'")

print("pyarrow 26.0.1:", parquet.read_table("ids.parquet")["id"][0].as_py())
assert parquet.read_table("ids.parquet")["id"][0].as_py() == ID
assert pandas.read_parquet("ids.parquet")["id"][0] == ID

read = polars.read_parquet("ids.parquet")
print("polars 2.1.0:", read.schema["id"], read["id"][0])
assert read.schema["id"] == polars.Binary
assert read["id"][0] == ID.bytes

cut = pandas.read_parquet("ids.parquet", engine="fastparquet")["id"][0]
print(f"fastparquet 2026.9.0: {len(cut)} of 16 bytes, {cut}")
assert cut == ID.bytes[:14]

read.write_parquet("again.parquet")
[(kind, text)] = duckdb.sql("select typeof(id), id::varchar from 'again.parquet'").fetchall()
joined = "select count(*) from 'ids.parquet' a join 'again.parquet' b on a.id::varchar = b.id::varchar"
[(count,)] = duckdb.sql(joined).fetchall()
print(f"written by polars, DuckDB reads {kind}, as text {text}; joined as text, {count} rows")
assert (kind, count) == ("BLOB", 0)
PY
