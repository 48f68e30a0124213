#!/usr/bin/env bash
# validator refuses what countries issue since: Danish numbers of 2007, Irish VAT numbers of 2013, Finnish codes of 2023.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile python-stdnum==2.2
cd "$work"

npm install --silent --no-audit --no-fund --ignore-scripts --prefix . validator@13.15.35
# Made up. Decree 690/2022 of Finland: Y to U beside the hyphen, B to F beside the A, on the same check character.
# Ireland: seven digits and two letters, https://ec.europa.eu/taxation_customs/vies/ (FAQ 11); the example is python-stdnum's.
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
const irish = ['IE6433435F', 'IE6433435OA']
const taxed = irish.map((number) => validator.isVAT(number, 'IE'))
console.log(`validator ${validator.version}: ${irish} isVAT ${taxed}`)
assert.deepStrictEqual(taxed, [true, false])
JS
./venv/bin/python - <<'PY'
from stdnum.dk import cpr
from stdnum.fi import hetu
from stdnum.ie import vat

ISSUED = (
    (hetu, ("131052Y308T", "010103B3085")),
    (cpr, ("010190-1009", "010190-1008")),
    (vat, ("IE6433435F", "IE6433435OA")),
)
for module, numbers in ISSUED:
    print("python-stdnum 2.2:", [module.validate(number) for number in numbers])
PY
