#!/usr/bin/env bash
# A card's expiry is a day of 2001 to SheetJS and agate, and of the year 1 to pandas; some come out of it in another month.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv tools
tools/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1 agate==1.14.2
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . xlsx@0.18.5

# Expiries as cards have them, MM/YY, and one in ISO 8601; in quotes, as text is.
printf 'card,expiry\n1,"12/27"\n2,"02/30"\n3,"06/31"\n4,"01/32"\n5,"2027-12"\n' >expiries.csv
for zone in UTC America/New_York Asia/Tokyo; do
  TZ=$zone node - <<'JS'
const assert = require('node:assert')
const { readFileSync } = require('node:fs')
const { read, utils, version } = require('xlsx')

const sheet = read(readFileSync('expiries.csv', 'utf8'), { type: 'string' }).Sheets.Sheet1
const values = utils.sheet_to_json(sheet).map((row) => row.expiry)
const written = utils.sheet_to_csv(sheet).split('\n').slice(1).map((line) => line.split(',')[1])
console.log(`SheetJS ${version}, ${process.env.TZ}: values ${JSON.stringify(values)}, as CSV ${JSON.stringify(written)}`)
// February 2030 is now the second of March, June 2031 the first of July, and December 2027 November where it is UTC less.
const december = process.env.TZ === 'America/New_York' ? '11/30/27' : '12/1/27'
assert.deepStrictEqual(written.filter(Boolean), ['12/27/01', '3/2/01', '7/1/01', '01/32', december])
assert.deepStrictEqual(values.map((value) => typeof value), ['number', 'number', 'number', 'string', 'number'])
const raw = read(readFileSync('expiries.csv', 'utf8'), { type: 'string', raw: true }).Sheets.Sheet1
const kept = utils.sheet_to_json(raw).map((row) => row.expiry)
assert.deepStrictEqual(kept, ['12/27', '02/30', '06/31', '01/32', '2027-12'])
JS
done

printf 'card,expiry\n1,"12/27"\n2,"01/30"\n' >months.csv
tools/bin/python -W ignore - <<'PY'
from datetime import date

import agate
import pandas

read = agate.Table.from_csv("months.csv").columns["expiry"].values()
print("agate 1.14.2:", list(map(str, read)))
assert read == (date(2001, 12, 27), date(2001, 1, 30))

column = pandas.read_csv("months.csv")["expiry"]
print("pandas 3.1.1: read_csv", column.tolist(), "and to_datetime", pandas.to_datetime(column).astype(str).tolist())
assert column.tolist() == ["12/27", "01/30"]
assert pandas.to_datetime(column).astype(str).tolist() == ["0001-12-27", "0001-01-30"]
PY
