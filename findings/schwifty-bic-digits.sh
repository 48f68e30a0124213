#!/usr/bin/env bash
# A BIC may begin with digits to schwifty, as ISO 9362:2022 has it; to three others it may not, and SWIFT issues none.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile python-stdnum==2.2 schwifty==2026.10.1
cd "$work"

npm install --silent --no-audit --no-fund --ignore-scripts --prefix . ibantools@4.5.4 validator@13.15.35
# A bank's own, and made-up ones of the same shape but for a digit in front.
./venv/bin/python - <<'PY'
import importlib.metadata

from schwifty import BIC
from schwifty.exceptions import SchwiftyException
from stdnum import bic

taken = f"schwifty {importlib.metadata.version('schwifty')}"
for code in ("ABNANL2A", "1BNANL2A", "9CCKYT1A"):
    print(f"{taken}: {BIC(code)} of {BIC(code).country_code}; python-stdnum 2.2: {bic.is_valid(code)}")
    assert bic.is_valid(code) == (code == "ABNANL2A")
try:
    BIC("1BNANL2A", enforce_swift_compliance=True)
except SchwiftyException as error:
    print(f"{taken}, enforce_swift_compliance: {error}")
else:
    raise SystemExit("schwifty takes it in any case now")
PY
node - <<'JS'
const assert = require('node:assert')
const { isValidBIC } = require('ibantools')
const validator = require('validator')

for (const code of ['ABNANL2A', '1BNANL2A', '9CCKYT1A']) {
  console.log(`ibantools ${isValidBIC(code)}, validator ${validator.isBIC(code)}: ${code}`)
  assert.ok(isValidBIC(code) === (code === 'ABNANL2A') && validator.isBIC(code) === (code === 'ABNANL2A'))
}
JS
