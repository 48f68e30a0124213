#!/usr/bin/env bash
# A name in Velocity may have hyphens. airspeed ends it at the first, and takes what stands before for another variable.
# https://velocity.apache.org/engine/2.4/vtl-reference.html (variables)
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for package in airspeed==0.6.0 airspeed-ext==0.6.9; do
  python3 -m venv "${package%%==*}"
  "${package%%==*}/bin/pip" install --quiet --no-compile "$package"
done
npm install --silent --no-audit --no-fund --prefix . velocityjs@2.1.7

cat > read.py <<'PY'
import airspeed

HEADERS = {"Retry-After": "9", "Retry": "no"}
print(airspeed.Template("$headers.Retry-After").merge({"headers": HEADERS}))
try:
    print(airspeed.Template('#set($headers.Retry-After = "5")$headers.get("Retry-After")').merge({"headers": HEADERS}))
except airspeed.TemplateSyntaxError:
    print("TemplateSyntaxError")
PY
cat > read.js <<'JS'
const { render } = require('velocityjs')
console.log(render('$headers.Retry-After', { headers: { 'Retry-After': '9', Retry: 'no' } }))
JS

read_with() { "$1/bin/python" read.py | tr '\n' ' '; }
by_airspeed=$(read_with airspeed)
by_ext=$(read_with airspeed-ext)
by_js=$(node read.js)
echo "airspeed 0.6.0:     $by_airspeed"
echo "airspeed-ext 0.6.9: $by_ext"
echo "velocityjs 2.1.7:   $by_js"
test "$by_airspeed" = "no-After TemplateSyntaxError "
test "$by_ext" = "9 5 "
test "$by_js" = "9"
