#!/usr/bin/env bash
# A date of eight digits, as ISO 8601 allows, is a second in 1970 to pydantic's datetime. msgspec refuses it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile msgspec==0.22.0 pydantic==2.14.4
cd "$work"

./venv/bin/python - <<'PY'
from datetime import datetime

import msgspec
import pydantic

made = pydantic.TypeAdapter(datetime)
texts = {
    "19900403": datetime(1970, 8, 19, 7, 53, 23),
    "1990": datetime(1970, 1, 1, 0, 33, 10),
    "1990-04-03": datetime(1990, 4, 3),
}
for text, moment in texts.items():
    found = made.validate_json(f'"{text}"')
    print(f"pydantic {pydantic.VERSION}: {text!r} is {found}; by datetime.fromisoformat:", end=" ")
    try:
        print(datetime.fromisoformat(text))
    except ValueError as error:
        print(error)
    assert found.replace(tzinfo=None) == moment
for text in ("19900403", "1990"):
    try:
        msgspec.convert(text, datetime)
    except msgspec.ValidationError as error:
        print(f"msgspec {msgspec.__version__}: {text!r}: {error}")
    else:
        raise SystemExit("msgspec takes it now")
PY
