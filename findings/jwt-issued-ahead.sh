#!/usr/bin/env bash
# A JWT whose issuer's clock is some seconds ahead is refused by two libraries for its iat, which RFC 7519 has no rule for.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile joserfc==1.8.0 pyjwt==2.15.1
cd "$work"

npm install --silent --no-audit --no-fund --ignore-scripts --prefix . jose@6.2.18
./venv/bin/python - <<'PY'
import importlib.metadata
import time
from pathlib import Path

import jwt
from joserfc import jwk
from joserfc import jwt as joserfc_jwt
from joserfc.errors import JoseError

KEY = "made-up-key-made-up-key-made-up-key-"


def by_pyjwt(text):
    jwt.decode(text, KEY, algorithms=["HS256"])


def by_joserfc(text):
    joserfc_jwt.JWTClaimsRegistry().validate(joserfc_jwt.decode(text, jwk.OctKey.import_key(KEY)).claims)


def judged(read, text):
    try:
        read(text)
    except (jwt.PyJWTError, JoseError) as error:
        return f"refused: {error}"
    return "taken"


while not 0.1 < time.time() % 1 < 0.5:
    pass  # Both libraries are to look at it within the second that it was made in.
now = time.time()
made = {"half a minute ahead": now // 1 + 30, "just now, with a fraction": now, "just now": now // 1}
found = {}
for name, issued in made.items():
    whole = int(issued) if issued == int(issued) else issued
    text = jwt.encode({"sub": "ada", "iat": whole, "exp": int(now) + 300}, KEY, algorithm="HS256")
    found[name] = [judged(read, text) for read in (by_pyjwt, by_joserfc)]
    with Path("tokens.txt").open("a", encoding="ascii") as file:
        file.write(f"{text}\n")
for name, (pyjwt, joserfc) in found.items():
    print(f"{name}: PyJWT {jwt.__version__} {pyjwt}; joserfc {importlib.metadata.version('joserfc')} {joserfc}")
taken = {name: [answer == "taken" for answer in answers] for name, answers in found.items()}
assert list(taken.values()) == [[False, False], [True, False], [True, True]], taken
PY
cat > read.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { jwtVerify } from 'jose'

const key = new TextEncoder().encode('made-up-key-made-up-key-made-up-key-')
for (const text of readFileSync('tokens.txt', 'utf8').trim().split('\n')) {
  const { payload } = await jwtVerify(text, key)
  console.log(`jose takes the one of ${payload.iat}`)
}
JS
node read.mjs
