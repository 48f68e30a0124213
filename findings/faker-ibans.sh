#!/usr/bin/env bash
# Faker makes IBANs of countries that have none, and British ones that are a character short, by the locale alone.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv tools
tools/bin/pip install --quiet --disable-pip-version-check Faker==40.63.0 python-stdnum==2.2 schwifty==2026.10.1
tools/bin/python - <<'PY'
from faker import Faker
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from stdnum import iban

Faker.seed(1)


def right_check_digits(number: str) -> bool:
    moved = number[4:] + number[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def taken(number: str) -> bool:
    try:
        IBAN(number)
    except SchwiftyException:
        return False
    return iban.is_valid(number)


# Locale, the country and the length of what it gives, and whether others take it. GB has 22 characters.
expected = [
    ("en_GB", "GB", 22, True),
    ("en_US", "GB", 22, True),
    ("en_IN", "GB", 21, False),
    ("es_MX", "GB", 21, False),
    ("zh_CN", "GB", 21, False),
    ("bn_BD", "BD", 17, False),
    ("es_AR", "AR", 28, False),
    ("es_CO", "CO", 21, False),
    ("en_PH", "PH", 20, False),
    ("th_TH", "TH", 14, False),
]
for locale, country, length, valid in expected:
    made = [Faker(locale).iban() for _ in range(5)]
    print(f"Faker 40.63.0, {locale}: {made[0]}, {length} characters; python-stdnum and schwifty: {taken(made[0])}")
    assert {(number[:2], len(number)) for number in made} == {(country, length)}
    assert all(right_check_digits(number) for number in made)
    assert all(taken(number) is valid for number in made)
PY
