#!/usr/bin/env bash
# Sentry's Relay blanks fields whose names have "token" or "auth" in them, and takes tokens that begin as a card for cards.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile sentry-relay==0.10.1
cd "$work"

./venv/bin/python - <<'PY'
from sentry_relay.processing import convert_datascrubbing_config, pii_strip_event

# What a project has by default.
RULES = convert_datascrubbing_config(
    {"scrubData": True, "scrubDefaults": True, "scrubIpAddresses": True, "sensitiveFields": [], "excludeFields": []}
)
# A mask, words and counts; then two made-up tokens of 16 digits that both fail the Luhn check, the same field's.
GONE = {
    "token_mask": "************1111", "token_type": "card_number", "detokenize_purpose": "settlement",
    "tokenized_rows": 412, "author": "Ada", "card_ref": "4163629425901112",
}  # fmt: skip
KEPT = {"card_ref": "9163629425901112", "purpose": "settlement", "rows": 412}

for fields in (GONE, KEPT):
    extra = pii_strip_event(RULES, {"extra": dict(fields)})["extra"]
    for name, value in fields.items():
        print(f"sentry-relay 0.10.1: {name} {value!r} -> {extra[name]!r}")
    assert (extra == KEPT) if fields is KEPT else set(extra.values()) == {"[Filtered]", None}, extra
PY
