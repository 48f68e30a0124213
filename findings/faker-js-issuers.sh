#!/usr/bin/env bash
# faker-js gives cards of any network for one that it does not know, and half of its Visa cards have 13 digits.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --ignore-scripts --prefix . @faker-js/faker@10.6.0 card-validator@10.0.4
cat > cards.mjs <<'JS'
import assert from 'node:assert'
import { createRequire } from 'node:module'
import { faker, fakerAZ } from '@faker-js/faker'

const card = createRequire(import.meta.url)('card-validator')
const made = (issuer) =>
  Array.from({ length: 500 }, () => faker.finance.creditCardNumber({ issuer }).replaceAll('-', ''))
const networks = (numbers) => [...new Set(numbers.map((number) => card.number(number).card?.type))]

faker.seed(1)
for (const issuer of ['unionpay', 'amex', 'mir']) {
  const found = networks(made(issuer))
  console.log(`faker-js 10.6.0: issuer '${issuer}' gives ${found.length} networks: ${found}`)
  assert.ok(found.length >= 4)
}
assert.deepStrictEqual(networks(made('american_express')), ['american-express'])

const visa = made('visa')
const short = visa.filter((number) => number.length === 13)
console.log(`of 500 Visa cards ${short.length} have 13 digits; card-validator refuses all of these`)
assert.ok(short.length > 150 && short.length < 350)
assert.ok(visa.every((number) => card.number(number).isValid === (number.length === 16)))

fakerAZ.seed(1)
const phones = Array.from({ length: 100 }, () => fakerAZ.phone.number({ style: 'international' }))
console.log(`numbers of Azerbaijan have 12 digits; faker-js has ${phones[0].length - 1}: ${phones[0]}`)
assert.ok(phones.every((number) => /^\+994[0-9]{10}$/.test(number)))
JS
node cards.mjs
