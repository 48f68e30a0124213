#!/usr/bin/env bash
# A long s is an S and a dotless i an I in numbers of standards; and the order of marks makes two domains of one.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile python-stdnum==2.2 idna==3.20
cd "$work"

./venv/bin/python - <<'PY'
import importlib.metadata
import unicodedata

import idna
from stdnum import bic, isin, lei

for package in ("python-stdnum", "idna"):
    print(package, importlib.metadata.version(package))
# Published examples of the standards, with U+017F for S and U+0131 for I.
for scheme, right, written in (
    (isin, "US0378331005", "U\u017f0378331005"),
    (bic, "AGRIFRPP882", "AGR\u0131FRPP882"),
    (lei, "213800KUD8LAJWSQ9D15", "213800KUD8LAJW\u017fQ9D15"),
):
    print(scheme.__name__, ascii(written), "is", scheme.validate(written))
    assert scheme.validate(written) == right, "it is refused now"

spelled = "\u03b1\u0345\u0301.example"
composed = unicodedata.normalize("NFC", spelled)
labels = [idna.encode(text, uts46=True).decode() for text in (spelled, composed)]
print(ascii(spelled), "and its NFC", ascii(composed), "are", *labels)
assert labels == ["xn--kxad.example", "xn--hxa0a.example"], "they are one domain now"
PY
