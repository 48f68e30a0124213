#!/bin/sh
# A security officer's day: sh officer.sh TOKEN CUSTOMER
# Who saw this card? Is the trail whole? What is kept of this customer? Erase them, and keep the proof. And the folder for the auditor.
# Reads privacy.env and stack.env in the current folder (README.md), and writes there. RESULTS may name, by its absolute path, the JUnit file
# of a run of the suite that is over; without it `make evidence` runs the tests that requirements name.
set -eu
here=$(dirname "$0")
. ./privacy.env
set -a
. ./stack.env
set +a

trail() {
  tokenvault audit "$@" --vault-id "$TOKENVAULT_VAULT_ID" --kms-key "$TOKENVAULT_AUDIT_KEY_ARN" \
    --table "$TOKENVAULT_AUDIT_TABLE"
}

trail who --token "$1" > who.txt                  # each reveal of it: when, which client, for what
trail verify > trail.txt                          # nothing was taken out, changed or made up

# What is kept of this customer, no values, and the digest that the receipt repeats.
tokenvault subject "$2" > customer.txt 2>&1 || { cat customer.txt >&2; exit 1; }
tokenvault erase subject "$2" --yes --json > receipt.json
aws kms get-public-key --key-id alias/tokenvault-receipts --query PublicKey --output text | base64 -d > receipts.der
tokenvault verify-receipt receipt.json --public-key receipts.der > proof.txt

trail who --client privacy > erased.txt           # the erasure is on record, too

# Tests by requirement, who may do what, versions, components, checks: index.html, and JSON beside it.
make -s -C "$here/../.." evidence OUT="$PWD/evidence" ${RESULTS:+RESULTS="$RESULTS"} > evidence.txt ||
  echo "a test or a check of the stack failed: evidence.txt and $PWD/evidence say which" >&2
