#!/usr/bin/env bash
# A text column that names the folders of a partitioned data set comes back as integers: 0012 was written, 12 is read.
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

frame = pandas.DataFrame({"account": ["0012", "0034"], "amount": [1, 2]})
frame.to_parquet("accounts", partition_cols=["account"])
print("folders:", sorted(folder.name for folder in Path("accounts").iterdir()))

back = sorted(pandas.read_parquet("accounts")["account"].tolist())
files = "accounts/*/*.parquet"
lazy = sorted(polars.read_parquet(files, hive_partitioning=True)["account"].to_list())
base = sorted(row[0] for row in duckdb.sql(f"select account from '{files}'").fetchall())
print(f"pandas {pandas.__version__} with pyarrow {pyarrow.__version__}, which wrote them: {back}")
print(f"polars {polars.__version__}: {lazy}")
print(f"duckdb {duckdb.__version__}: {base}")
assert back == lazy == [12, 34], "leading zeros come back now"
assert base == ["0012", "0034"], "DuckDB no longer keeps them"
PY
