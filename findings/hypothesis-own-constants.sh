#!/usr/bin/env bash
# Hypothesis draws texts from the source of the imported code: a word written in a function turns up in st.text().
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile hypothesis==6.170.15
cd "$work"

echo 'WORD = "request_id_7731"' > problems.py
cat > draw.py <<'PY'
import sys

from hypothesis import Phase, given, seed, settings
from hypothesis import __version__ as version
from hypothesis import strategies as st

if sys.argv[1] == "imported":
    import problems  # noqa: F401

drawn = 0


@seed(1)
@settings(max_examples=1000, database=None, deadline=None, phases=[Phase.generate])
@given(st.text())
def draw(text):
    global drawn
    drawn += text == "_".join(["request", "id", "7731"])


draw()
print(f"hypothesis {version}, module {sys.argv[1]}: its word drawn {drawn} times of 1000")
assert (drawn > 0) == (sys.argv[1] == "imported")
PY
./venv/bin/python draw.py imported
./venv/bin/python draw.py "not imported"
