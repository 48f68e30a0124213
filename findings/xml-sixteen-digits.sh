#!/usr/bin/env bash
# In XML, account numbers of 16 digits become numbers or stay strings: their last digit decides.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm install --silent --no-audit --no-fund --ignore-scripts --prefix . fast-xml-parser@5.12.1
node - <<'JS'
const assert = require('node:assert')
const { XMLParser } = require('fast-xml-parser')

// Elements as ISO 20022 has them for accounts other than IBANs. The first is a published test card, the others are made up.
const numbers = ['4111111111111111', '9163629425901111', '9163629425901112', '0012345678', '9163629425E1']
const message = numbers.map((number) => `<Othr><Id>${number}</Id></Othr>`).join('')
const read = (options) =>
  new XMLParser(options).parse(`<Acct>${message}</Acct>`).Acct.Othr.map(({ Id }) => Id)

const found = read()
numbers.forEach((number, at) => console.log(`fast-xml-parser: ${number} is ${typeof found[at]} ${found[at]}`))
assert.deepStrictEqual(found, [4111111111111111, '9163629425901111', 9163629425901112, 12345678, 91636294250])
const texts = read({ parseTagValue: false })
console.log(`with parseTagValue: false ${JSON.stringify(texts)}`)
assert.deepStrictEqual(texts, numbers)
JS
