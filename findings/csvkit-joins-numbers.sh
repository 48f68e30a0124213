#!/usr/bin/env bash
# csvkit: half of its commands make numbers of identifiers, so csvjoin takes two accounts for one; the others leave them.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv tools
tools/bin/pip install --quiet --disable-pip-version-check csvkit==2.2.0 agate==1.14.2

# Made up: an account of ten digits and another of eight, and two tokens of cards.
printf 'account,name\n0012345678,Ada\n12345678,Bob\n' >owners.csv
printf 'account,sum\n0012345678,5\n12345678,7\n' >sums.csv
printf 'token,card\n9163629425901111,first\n9163629425901112,second\n' >tokens.csv

expect() { # what csvkit is to write, then the command
  local expected=$1 seen
  shift
  seen=$("tools/bin/$@")
  printf '%s:\n%s\n\n' "$*" "$seen"
  [ "$seen" = "$expected" ] || { printf 'otherwise now, this was seen:\n%s\n' "$expected" >&2 && exit 1; }
}

echo "csvkit 2.2.0"
# The file of owners has two accounts, that of sums the same two: a join by them has two rows.
expect $'account,name,sum\n12345678,Ada,5\n12345678,Ada,7\n12345678,Bob,5\n12345678,Bob,7' \
  csvjoin -c account owners.csv sums.csv
expect $'account,name\n12345678,Ada\n12345678,Bob' csvsort -c account owners.csv
expect '[{"token": 9163629425901112.0, "card": "first"}, {"token": 9163629425901112.0, "card": "second"}]' \
  csvjson tokens.csv

# The neighbours that infer no types, and the option by which these three do not either.
expect $'account\n0012345678\n12345678' csvcut -c account owners.csv
expect $'account,name\n0012345678,Ada' csvgrep -c account -m 0012345678 owners.csv
expect $'account,name,sum\n0012345678,Ada,5\n12345678,Bob,7' csvjoin -I -c account owners.csv sums.csv
expect '[{"token": "9163629425901111", "card": "first"}, {"token": "9163629425901112", "card": "second"}]' \
  csvjson -I tokens.csv
