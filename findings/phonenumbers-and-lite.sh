#!/usr/bin/env bash
# phonenumbers and phonenumberslite write the same files. pip installs both, finds nothing wrong, and removing one breaks the other.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile phonenumberslite==9.0.42
cd "$work"

version() { ./venv/bin/python -c 'import phonenumbers; print(phonenumbers.__version__)'; }

test "$(version)" = 9.0.42
# As if another dependency asked for the full package, and for an older release of it.
./venv/bin/pip install --quiet --no-compile phonenumbers==9.0.30
installed=$(./venv/bin/python -c 'import importlib.metadata as m; print(m.version("phonenumberslite"))')
echo "phonenumberslite $installed is installed, what is imported is $(version)"
test "$installed $(version)" = "9.0.42 9.0.30"
./venv/bin/pip check

./venv/bin/pip uninstall --quiet --no-compile --yes phonenumbers
echo "phonenumbers uninstalled; still listed: $(./venv/bin/pip list 2>/dev/null | grep phonenumbers)"
./venv/bin/pip check
if error=$(version 2>&1); then
  echo "phonenumberslite works without phonenumbers now"
  exit 1
fi
echo "$error" | tail -1
echo "$error" | grep --quiet "No module named 'phonenumbers'"
