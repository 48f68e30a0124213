#!/usr/bin/env bash
# A column declared STRING (or UUID, or JSON) makes numbers of digits in SQLite; one declared TEXT does not.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile apsw==3.54.1.0
cd "$work"

./venv/bin/python - <<'PY'
import math

import apsw

database = apsw.Connection(":memory:")
database.execute("create table tokens (declared_string STRING, declared_uuid UUID, declared_text TEXT)")
written = ["0012345678", "+085520848684533", "40000000000000000121", "549300E9001313"]
for value in written:
    database.execute("insert into tokens values (?, ?, ?)", (value, value, value))
rows = list(database.execute("select * from tokens"))
print(f"SQLite {apsw.sqlite_lib_version()} (apsw {apsw.apsw_version()})")
for value, row in zip(written, rows, strict=True):
    print(f"{value!r} -> STRING {row[0]!r}, UUID {row[1]!r}, TEXT {row[2]!r}")
assert [row[0] for row in rows] == [12345678, 85520848684533, 4e19, math.inf], "STRING keeps text now"
assert [row[1] for row in rows] == [row[0] for row in rows]
assert [row[2] for row in rows] == written
PY
