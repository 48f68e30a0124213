#!/usr/bin/env bash
# DuckDB's read_json rewrites strings that look like UUIDs: an id in capitals comes out in small letters.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile duckdb==2.0.1
cd "$work"

./venv/bin/python - <<'PY'
from pathlib import Path

import duckdb

subject = "6EC0BD7F-11C0-43DA-975E-2A8AD9EBAE0B"
Path("events.json").write_text(f'{{"subject": "{subject}"}}\n', encoding="ascii")
Path("events.csv").write_text(f"subject\n{subject}\n", encoding="ascii")
events = duckdb.sql("from read_json('events.json')")
[(text,)] = duckdb.sql("select subject::varchar from read_json('events.json')").fetchall()
[(csv_text,)] = duckdb.sql("from read_csv('events.csv')").fetchall()
print(f"duckdb {duckdb.__version__}: the JSON string {subject} is of type {events.types[0]}")
print(f"as text again: {text}; from CSV: {csv_text}")
assert str(events.types[0]) == "UUID", "the string stays a string now"
assert text == subject.lower()
assert csv_text == subject

duckdb.sql("copy (from read_json('events.json')) to 'again.json'")
again = Path("again.json").read_text(encoding="ascii").strip()
print(f"JSON copied to JSON: {again}")
assert subject not in again
PY
