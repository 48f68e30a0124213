#!/usr/bin/env bash
# Check digits 00, 01 and 99 say what 97, 98 and 02 say: three of four IBAN libraries take an account in two spellings.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile python-stdnum==2.2 schwifty==2026.10.1
cd "$work"

npm install --silent --no-audit --no-fund --prefix . iban@0.0.14 validator@13.15.35
./venv/bin/python - > pairs.txt <<'PY'
import importlib.metadata
import sys

import schwifty
from stdnum import iban

TWICE = {97: "00", 98: "01", 2: "99"}


def check_digits(account):
    moved = "".join(str(int(character, 36)) for character in f"{account}DE00")
    return 98 - int(moved) % 97


def schwifty_takes(number):
    try:
        schwifty.IBAN(number)
    except schwifty.exceptions.SchwiftyException:
        return False
    return True


print("python-stdnum", importlib.metadata.version("python-stdnum"),
      "schwifty", importlib.metadata.version("schwifty"), file=sys.stderr)
for right, other in TWICE.items():
    # Made-up accounts of a made-up bank.
    account = next(a for a in (f"{n:018d}" for n in range(1000)) if check_digits(a) == right)
    proper, second = f"DE{right:02d}{account}", f"DE{other}{account}"
    print(proper, second)
    print(f"{proper} {second}: stdnum {iban.is_valid(second)}, schwifty {schwifty_takes(second)}", file=sys.stderr)
    assert iban.is_valid(proper) and schwifty_takes(proper)
    assert iban.is_valid(second), "python-stdnum refuses it now"
    assert not schwifty_takes(second), "schwifty takes it now"
PY
node - <<'JS'
const assert = require('node:assert')
const { readFileSync } = require('node:fs')
const iban = require('iban')
const validator = require('validator')

for (const pair of readFileSync('pairs.txt', 'utf8').trim().split('\n')) {
  const taken = pair.split(' ').map((number) => [iban.isValid(number), validator.isIBAN(number)])
  console.log(`${pair}: iban 0.0.14 ${taken[1][0]}, validator ${validator.version} ${taken[1][1]}`)
  assert.deepStrictEqual(taken, [[true, true], [true, true]])
}
JS
