#!/usr/bin/env bash
# python-stdnum refuses the ISINs of OTC derivatives, which begin with EZ, and of crypto-assets, which begin with XT.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile python-stdnum==2.2
cd "$work"

npm install --silent --no-audit --no-fund --ignore-scripts --prefix . validator@13.15.35
# ISO 6166:2021, 4.1 has EZ and ZZ; EZ: https://www.anna-web.org/standards/isin-iso-6166/
# XT: https://dtif.org/isin-dti-complementary-standards-bridging-traditional-and-digital-markets/
./venv/bin/python - <<'PY'
import stdnum
from stdnum import isin
from stdnum.exceptions import InvalidComponent

# Apple's, and made-up ones with right check digits. The Netherlands Antilles were dissolved in 2010.
for number in ("US0378331005", "AN1234567898"):
    print(f"python-stdnum {stdnum.__version__}: {isin.validate(number)}")
for number in ("EZ1234567890", "XT1234567895", "ZZ1234567895"):
    assert isin.calc_check_digit(number[:-1]) == number[-1]
    try:
        isin.validate(number)
    except InvalidComponent as error:
        print(f"python-stdnum {stdnum.__version__}: {number} is refused: {error}")
    else:
        raise SystemExit(f"{number} is taken now")
PY
node - <<'JS'
const assert = require('node:assert')
const validator = require('validator')

for (const number of ['EZ1234567890', 'XT1234567895', 'ZZ1234567895']) {
  console.log(`validator ${validator.version}: ${number} ${validator.isISIN(number)}`)
  assert.ok(validator.isISIN(number))
}
JS
