#!/usr/bin/env bash
# A JSON document says what is a string. pandas.read_json makes numbers of strings all the same, and drops digits.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile pandas==3.1.1 polars==2.1.0 pyarrow==26.0.1
cd "$work"

./venv/bin/python - <<'PY'
from pathlib import Path

import pandas
import polars
from pyarrow import json

lines = [
    '{"account": "0012345678", "card": "4000000000000000012"}',
    '{"account": "0012345679", "card": null}',
]
Path("values.json").write_text("\n".join(lines) + "\n", encoding="ascii")
frame = pandas.read_json("values.json", lines=True)
print(f"pandas {pandas.__version__}: account {frame['account'].tolist()} ({frame['account'].dtype}), "
      f"card {frame['card'].tolist()} ({frame['card'].dtype})")
assert frame["account"].tolist() == [12345678, 12345679], "strings of digits stay strings now"
assert str(frame["card"].dtype) == "float64"
assert int(frame["card"][0]) == 4000000000000000000, "the last two digits are there now"

for name, values in {
    "polars": polars.read_ndjson("values.json")["account"].to_list(),
    "pyarrow": json.read_json("values.json")["account"].to_pylist(),
    "pandas with dtype=False": pandas.read_json("values.json", lines=True, dtype=False)["account"].tolist(),
}.items():
    print(f"{name}: account {values}")
    assert values == ["0012345678", "0012345679"]
PY
