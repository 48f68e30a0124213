#!/usr/bin/env bash
# isTaxID('en-US') knows employers' numbers only: a person's with hyphens is refused, and without taken or not by its start.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --ignore-scripts --prefix . validator@13.15.35
node - <<'JS'
const assert = require('node:assert')
const validator = require('validator')

// Made up. The first two are persons' (SSN), as they are written on paper; then the same without hyphens. The last
// two are an employer's (EIN), and one that begins as no SSN does.
const expected = [
  ['219-09-9999', false],
  ['171-09-9999', false],
  ['219099999', true],
  ['171099999', false],
  ['12-3456789', true],
  ['991234567', true],
]
for (const [number, taken] of expected) {
  console.log(`validator ${validator.version}: isTaxID('${number}', 'en-US') ${validator.isTaxID(number, 'en-US')}`)
  assert.strictEqual(validator.isTaxID(number, 'en-US'), taken)
}
JS
