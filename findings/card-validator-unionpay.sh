#!/usr/bin/env bash
# card-validator asks no check digit of UnionPay: any 16 to 19 digits beginning with 62 or 81 are a valid card number.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --prefix . card-validator@10.0.4

node - <<'JS'
const assert = require('node:assert')
const valid = require('card-validator')

console.log('card-validator', require('card-validator/package.json').version)
const say = (number, options) => {
  const { isValid, card } = valid.number(number, options)
  console.log(number, card.type, options ?? '', isValid ? 'valid' : 'invalid')
  return isValid
}
assert.ok(say('4111111111111111'))
assert.ok(!say('4111111111111112'))
// Stripe's test number, the same with its check digit broken, and one more that fails Luhn.
assert.ok(say('6200000000000005'))
assert.ok(say('6200000000000006'))
assert.ok(say('8171999927660001'))
assert.ok(!say('6200000000000006', { luhnValidateUnionPay: true }))
JS
