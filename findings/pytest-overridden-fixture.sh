#!/usr/bin/env bash
# A parametrized fixture that overrides a session's fixture of the same name hands its parameter on to it: what the
# session was to have once is set up anew for each.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile pytest==9.2.0
mkdir -p "$work/tests/inner"
cd "$work"

cat > tests/conftest.py <<'PY'
import pytest


@pytest.fixture(scope="session")
def server():
    print("SETUP")
    yield "a server"
    print("TEARDOWN")
PY
cat > tests/test_before.py <<'PY'
def test_one(server):
    assert server
PY
cat > tests/inner/test_inner.py <<'PY'
def test_two(server):
    assert server
PY
cat > tests/test_then.py <<'PY'
def test_three(server):
    assert server
PY

setups() {
  echo "$1" > tests/inner/conftest.py
  ./venv/bin/python -m pytest -q -s -p no:cacheprovider tests/test_before.py tests/inner tests/test_then.py | grep -c SETUP
}

plain=$(setups 'import pytest

@pytest.fixture(scope="session")
def server(server):
    return server')
with_parameter=$(setups 'import pytest

@pytest.fixture(scope="session", params=["this one"])
def server(request, server):
    return server')
./venv/bin/python -m pytest --version
echo "set up $plain time(s) where the fixture that overrides has no parameter, $with_parameter times where it has one"
[ "$plain" = 1 ] && [ "$with_parameter" = 3 ]
