#!/usr/bin/env bash
# validator.js asks digits of four countries whose account numbers may have letters: their IBANs pass or fail by the bank.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile schwifty==2026.10.1
cd "$work"

npm install --silent --no-audit --no-fund --prefix . validator@13.15.35
./venv/bin/python - > numbers.txt <<'PY'
import schwifty

# Bank, and how many characters its account has by the registry, letters or digits; all made up.
banks = {"AZ": ("ABCD", 20), "BY": ("ABCD3600", 16), "JO": ("ABCD0010", 18), "PK": ("ABCD", 16)}
for country, (bank, length) in banks.items():
    for account in ("1".ljust(length, "0"), "A".ljust(length, "0")):
        moved = "".join(str(int(character, 36)) for character in f"{bank}{account}{country}00")
        number = schwifty.IBAN(f"{country}{98 - int(moved) % 97:02d}{bank}{account}")
        print(number.compact, number.spec.bban_spec)
PY
node - <<'JS'
const assert = require('node:assert')
const { readFileSync } = require('node:fs')
const validator = require('validator')

const rows = readFileSync('numbers.txt', 'utf8').trim().split('\n').map((line) => line.split(' '))
assert.strictEqual(rows.length, 8)
for (const [index, [number, structure]] of rows.entries()) {
  const taken = validator.isIBAN(number)
  console.log(`${number} (${structure}, schwifty takes it): validator ${validator.version} ${taken}`)
  assert.strictEqual(taken, index % 2 === 0)
}
JS
