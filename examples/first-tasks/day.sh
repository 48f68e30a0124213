#!/bin/sh
# A day's file through the command line tool: sh day.sh orders.csv
# Reads checkout.env, support.env and settlement.env in the current folder (README.md), and writes there.
set -eu
here=$(dirname "$0")

# The file comes in: first all of it is checked, and nothing sent; then it comes out again with tokens.
(
  . ./checkout.env
  tokenvault import "$1" --map "$here/day.toml" --dry-run
  tokenvault import "$1" --map "$here/day.toml" --out day.tokens.csv
)

# What support sees of the cards, and what the acquirer gets. Each is on record, with its purpose.
tail -n +2 day.tokens.csv | cut -d, -f7 > day.cards
(
  . ./support.env
  head -n 40 day.cards | tokenvault detokenize --masked > day.masks
)
(
  . ./settlement.env
  tokenvault detokenize --purpose settlement < day.cards > day.payments
)
