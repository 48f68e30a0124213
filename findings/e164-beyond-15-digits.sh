#!/usr/bin/env bash
# libphonenumber calls numbers of 17 and 19 digits valid and writes them as E.164, which ends at 15.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile phonenumberslite==9.0.42
cd "$work"

npm install --silent --no-audit --no-fund --prefix . libphonenumber-js@1.13.16
./venv/bin/python - <<'PY'
import phonenumbers

# A made-up fixed line in Germany, a made-up toll-free number in Japan.
for text, digits in (("+49929600000000000", 17), ("+8100372000000000000", 19)):
    number = phonenumbers.parse(text)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    valid = phonenumbers.is_valid_number(number)
    print(f"phonenumberslite {phonenumbers.__version__}: valid {valid}, E.164 {written}, {digits} digits")
    assert (valid, written, len(written) - 1) == (True, text, digits)
PY
node - <<'JS'
const assert = require('node:assert')
const { parsePhoneNumberFromString } = require('libphonenumber-js/max')

for (const text of ['+49929600000000000', '+8100372000000000000']) {
  const number = parsePhoneNumberFromString(text)
  console.log(`libphonenumber-js: valid ${number.isValid()}, E.164 ${number.format('E.164')}`)
  assert.ok(number.isValid() && number.format('E.164') === text)
}
JS
