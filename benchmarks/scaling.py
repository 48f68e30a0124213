"""Whether an operation costs the same with more records in the vault, and with larger values."""

import string
from itertools import count
from typing import Any, Final

from benchmarks.account import Account, detokenize_event, results, tokenize_event
from benchmarks.floor import Floor
from benchmarks.measuring import Case, interleaved, median, ratio

RECORDS: Final = (10**3, 10**5, 10**6)
VALUE_BYTES: Final = (16, 256, 4096)
_FLOOR: Final = "floor"


def by_records(account: Account, floor: Floor, like: dict[str, Any], rounds: int) -> dict[str, Any]:
    """Microseconds of one operation, and its ratio to a bare `put_item`, at each number of records."""
    measured, stored = {}, 0
    for wanted in RECORDS:
        account.aws.dynamodb.fill("vault", range(stored, wanted), like)
        stored = wanted
        measured[str(wanted)] = _measured(account, floor, {"": 22}, rounds)
    return measured


def by_value(account: Account, floor: Floor, rounds: int) -> dict[str, Any]:
    """The same at each size of value, in bytes."""
    return _measured(account, floor, {f", {size}": size for size in VALUE_BYTES}, rounds)


def _measured(account: Account, floor: Floor, sizes: dict[str, int], rounds: int) -> dict[str, Any]:
    cases = [Case(_FLOOR, lambda: None, lambda _: floor.put_item(), lambda _: None)]
    for name, size in sizes.items():
        cases += _cases(account, name, size)
    samples = interleaved(account.aws, cases, rounds)
    return {
        case.name: {
            "cpu_us": round(median(samples[case.name]) * 1e6),
            "ratio": round(ratio(samples, case.name, _FLOOR), 2),
        }
        for case in cases[1:]
    }


def _cases(account: Account, name: str, size: int) -> list[Case]:
    numbers = count()
    filler = (string.ascii_letters * (size // len(string.ascii_letters) + 1))[: size - 8]
    tokenize, reveal = account.handler("tokenize"), account.handler("reveal")
    made = results(tokenize(tokenize_event("opaque", [f"{filler}{0:08}"])))
    event = detokenize_event([made[0]["token"]])
    return [
        Case(
            f"tokenize{name}",
            lambda: tokenize_event("opaque", [f"{filler}{next(numbers):08}"]),
            tokenize,
            results,
        ),
        Case(f"detokenize{name}", lambda: event, reveal, results),
    ]
