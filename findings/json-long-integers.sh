#!/usr/bin/env bash
# A whole number of twenty digits in JSON: exact in five parsers, a float in orjson, and another whole number in jq.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv tools
tools/bin/pip install --quiet --disable-pip-version-check \
  orjson==3.13.0 jq==1.13.0 msgspec==0.23.0 pydantic-core==2.50.5 simplejson==4.3.0 ujson==6.1.0
tools/bin/python - <<'PY'
import json

import jq
import msgspec
import orjson
import pydantic_core
import simplejson
import ujson

SIXTEEN, NINETEEN, TWENTY = 9163629425901111, 9163629425901111111, 20000000000000000001  # made up
exact = {
    "json": json.loads,
    "msgspec 0.23.0": msgspec.json.decode,
    "pydantic-core 2.50.5": pydantic_core.from_json,
    "simplejson 4.3.0": simplejson.loads,
    "ujson 6.1.0": ujson.loads,
}
for name, loads in exact.items():
    read = [loads(str(number)) for number in (SIXTEEN, NINETEEN, TWENTY)]
    print(f"{name}: {read}")
    assert read == [SIXTEEN, NINETEEN, TWENTY]
    assert {type(number) for number in read} == {int}

read = [orjson.loads(str(number)) for number in (SIXTEEN, NINETEEN, TWENTY)]
print(f"orjson 3.13.0: {read}")
assert read == [SIXTEEN, NINETEEN, 2e19]
assert [type(number) for number in read] == [int, int, float]
try:
    orjson.dumps(TWENTY)
except TypeError as error:
    print(f"orjson 3.13.0 writes none: {error}")
else:
    raise SystemExit("orjson.dumps takes it now")

read = [jq.compile(".").input_text(str(number)).first() for number in (SIXTEEN, NINETEEN, TWENTY)]
print(f"jq 1.13.0: {read}, all of them {type(read[0]).__name__}")
assert read == [9163629425901112, 9163629425901111296, 20000000000000000000]
assert {type(number) for number in read} == {int}
# The program still has all digits: it is on the way back into Python that they change.
two = json.dumps([SIXTEEN, SIXTEEN + 1])
text = jq.compile("map(tostring)").input_text(two).first()
kept = jq.compile("unique").input_text(two).first()
print(f"jq 1.13.0: as text {text}; two are unique, and handed out as {kept}")
assert text == [str(SIXTEEN), str(SIXTEEN + 1)]
assert kept == [SIXTEEN + 1, SIXTEEN + 1]
PY
