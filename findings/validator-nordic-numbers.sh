#!/usr/bin/env bash
# validator refuses Finnish personal codes with the signs of 2023, and Danish ones without a check digit, issued since 2007.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile python-stdnum==2.2
cd "$work"

npm install --silent --no-audit --no-fund --ignore-scripts --prefix . validator@13.15.35
# Made up. Decree 690/2022 of Finland: Y to U beside the hyphen, B to F beside the A, on the same check character.
# Denmark: https://www.cpr.dk/cpr-systemet/personnumre-uden-kontrolciffer-modulus-11-kontrol/ (1 January 1990 is one day)
node - <<'JS'
const assert = require('node:assert')
const validator = require('validator')

const finnish = ['131052-308T', '131052Y308T', '010103A3085', '010103B3085']
for (const code of finnish) {
  const found = [validator.isIdentityCard(code, 'FI'), validator.isTaxID(code, 'fi-FI')]
  console.log(`validator ${validator.version}: ${code} isIdentityCard ${found[0]}, isTaxID ${found[1]}`)
  const old = '-A'.includes(code[6])
  assert.deepStrictEqual(found, [old, old])
}
const danish = ['010190-1009', '010190-1008']
const found = danish.map((number) => validator.isTaxID(number, 'dk-DK'))
console.log(`validator ${validator.version}: ${danish} isTaxID ${found}`)
assert.deepStrictEqual(found, [true, false])
JS
./venv/bin/python - <<'PY'
from stdnum.dk import cpr
from stdnum.fi import hetu

for module, numbers in ((hetu, ("131052Y308T", "010103B3085")), (cpr, ("010190-1009", "010190-1008"))):
    print("python-stdnum 2.2:", [module.validate(number) for number in numbers])
PY
