#!/usr/bin/env bash
# What 03/04/1990 means to DuckDB's CSV reader, day or month first, depends on the other rows of the file.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile duckdb==2.0.1
cd "$work"

./venv/bin/python - <<'PY'
from datetime import date
from pathlib import Path

import duckdb


def first(*rows):
    Path("born.csv").write_text("born\n" + "".join(f"{row}\n" for row in rows), encoding="ascii")
    relation = duckdb.sql("from 'born.csv'")
    return str(relation.types[0]), relation.fetchall()[0][0]


alone = first("03/04/1990")
followed = first("03/04/1990", "03/25/1990")
print(f"duckdb {duckdb.__version__}: 03/04/1990 alone is {alone[1]}, with 03/25/1990 under it {followed[1]}")
assert alone == ("DATE", date(1990, 4, 3))
assert followed == ("DATE", date(1990, 3, 4))
PY
