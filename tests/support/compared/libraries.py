"""What other libraries make of a value: their canonical form, or None where they refuse it.

Their defaults, with what every user has to switch: no DNS for e-mail addresses, no region for telephone
numbers. They are imported when they are asked, since the suite's environment has not all of them.
"""

import json
import subprocess
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path


def schwifty(value: str) -> str | None:
    """`schwifty.IBAN(value).compact`."""
    from schwifty import IBAN  # noqa: PLC0415  # only `make formats-compared` has it
    from schwifty.exceptions import SchwiftyException  # noqa: PLC0415  # as above

    try:
        return str(IBAN(value).compact)
    except SchwiftyException:
        return None


def email_validator(value: str) -> str | None:
    """`validate_email(value)`: local part, and the domain as A-labels."""
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  # as above

    try:
        found = validate_email(value, check_deliverability=False)
    except EmailNotValidError:
        return None
    return f"{found.local_part}@{found.ascii_domain}"


def libphonenumber(value: str) -> str | None:
    """`phonenumbers.parse(value)`, where `is_valid_number` says so, in E.164."""
    import phonenumbers  # noqa: PLC0415  # all libraries alike

    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def python_stdnum(scheme: str, value: str) -> str | None:
    """`validate(value)` of the module; what is raised beside `ValidationError` is named in angle brackets."""
    from stdnum.exceptions import ValidationError  # noqa: PLC0415  # all libraries alike

    try:
        return str(import_module(f"stdnum.{scheme}").validate(value))
    except ValidationError:
        return None
    except Exception as error:  # noqa: BLE001  # whatever it raises is what is compared
        return f"<{type(error).__name__}>"


_ASK: str = """
const valid = require('card-validator')
const values = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
console.log(JSON.stringify(values.map((value) => valid.number(value).isValid)))
"""


def card_validator(values: Iterable[str], folder: Path) -> list[str | None]:
    """`valid.number(value).isValid` for each: the value without spaces and hyphens, which it ignores."""
    asked = list(values)
    done = subprocess.run(
        ["node", "-e", _ASK], cwd=folder, input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    answers = json.loads(done.stdout)
    return ["".join(v.replace("-", "").split()) if ok else None for v, ok in zip(asked, answers, strict=True)]
