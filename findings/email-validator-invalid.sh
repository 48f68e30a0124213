#!/usr/bin/env bash
# email-validator refuses every address under .invalid, whatever is switched off, though RFC 2606 keeps the name for such use.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile email-validator==2.4.0
cd "$work"

npm install --silent --no-audit --no-fund --prefix . validator@13.15.35
./venv/bin/python - <<'PY'
import importlib.metadata

from email_validator import EmailNotValidError, validate_email

version = importlib.metadata.version("email-validator")
settings = [
    {"check_deliverability": False},
    {"check_deliverability": False, "test_environment": True},
    {"check_deliverability": False, "globally_deliverable": False},
]
for setting in settings:
    try:
        validate_email("someone@token.invalid", **setting)
    except EmailNotValidError as error:
        print(f"email-validator {version}, {setting}: {error}")
        assert "special-use or reserved name" in str(error)
    else:
        raise SystemExit(f"{setting} lets .invalid through now")

# The other reserved name for examples is taken, and it gets no more mail.
print(validate_email("someone@shop.example", check_deliverability=False).normalized, "is taken")
PY
node - <<'JS'
const assert = require('node:assert')
const validator = require('validator')

console.log(`validator ${validator.version}: .invalid`, validator.isEmail('someone@token.invalid'))
assert.ok(validator.isEmail('someone@token.invalid'))
JS
