#!/usr/bin/env bash
# Numbers of 16 digits that Python stored in DynamoDB are numbers in JavaScript up to 2**53, and BigInt above.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile boto3==1.44.5
cd "$work"

npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @aws-sdk/util-dynamodb@3.996.9
# A published test card, a made-up token, and a rate that Python's Decimal holds.
./venv/bin/python - > items.json <<'PY'
import json
from decimal import Decimal

from boto3.dynamodb.types import TypeSerializer

written = {"card": 4111111111111111, "token": 9163629425901111, "rate": Decimal("0.12345678901234567890")}
print(json.dumps({name: TypeSerializer().serialize(value) for name, value in written.items()}))
PY
node - <<'JS'
const assert = require('node:assert')
const { unmarshall } = require('@aws-sdk/util-dynamodb')

const stored = require('./items.json')
const { card, token, rate } = unmarshall(stored)
console.log('stored:', JSON.stringify(stored))
console.log(`card: ${typeof card} ${card}; token: ${typeof token} ${token}; rate: ${typeof rate} ${rate}`)
assert.ok(card === 4111111111111111 && token === 9163629425901111n)
assert.strictEqual(String(rate), '0.12345678901234568')
console.log('JSON of the card:', JSON.stringify({ card }))
assert.throws(() => JSON.stringify({ token }), (error) => {
  console.log(`JSON of the token: ${error.name}: ${error.message}`)
  return error instanceof TypeError
})
JS
