#!/usr/bin/env bash
# PyYAML writes some strings of digits without quotes, since YAML 1.1 reads them as text; js-yaml reads numbers.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile pyyaml==6.0.4
cd "$work"

npm install --silent --no-audit --no-fund --prefix . js-yaml@5.5.0
./venv/bin/python - > values.yaml <<'PY'
import yaml

print(f"# PyYAML {yaml.__version__}")
values = {"account": "0012345678", "octal": "0012345670", "lei": "12345678E00131", "phone": "+085520848684533"}
text = yaml.safe_dump(values)
assert yaml.safe_load(text) == values
print(text, end="")
PY
cat values.yaml
node - <<'JS'
const assert = require('node:assert')
const { readFileSync } = require('node:fs')
const yaml = require('js-yaml')

const read = yaml.load(readFileSync('values.yaml', 'utf8'))
console.log(`js-yaml ${require('js-yaml/package.json').version}:`, read)
// 0012345670 is octal in YAML 1.1, so PyYAML quotes it; with an 8 in it, it is not.
assert.deepStrictEqual(read, {
  account: 12345678, lei: 1.2345678e138, octal: '0012345670', phone: 85520848684533
})
JS
