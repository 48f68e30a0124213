"""What was measured of whole files, as the block of `docs/bulk.md`. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

MARK: Final = "bulk"
"""What the marks around the block are called."""

RATIOS: Final = {
    "here": ("import", "before"),
    "elsewhere": ("elsewhere", "elsewhere, before"),
    "elsewhere, 32": ("elsewhere, 32", "elsewhere, before"),
}
"""Which rows a second are told as how many times which."""

WANTED: Final = 6
"""How many times the rows a second of the earlier tool were wanted."""

PEAK_MB: Final = 150
RESUMED_PERCENT: Final = 2
CPU_RATIO: Final = 1
"""What memory, the requests that a resumed run has in addition, and the service's CPU may come to at most."""

FLOOR: Final = {"http_requests": 0, "dynamodb_requests": 40, "write_units": 1000, "read_units": 0}
"""A record a row, of at most 1 KB, in batches of 25.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
"""

KINDS: Final = {"formatted": "random cards", "cached": "deterministic texts"}
"""What the mapped column is imported as, by information type."""

_HERE: Final = "tool, gateway and service on these cores"
_ELSEWHERE: Final = "a service elsewhere that answers after 60 ms"
_BEFORE: Final = "`tokenvault tokenize` of 30af4c1"
_RATES: Final = (
    ("import", f"`tokenvault import`: {_HERE}", "here"),
    ("before", f"{_BEFORE}: the same", None),
    ("elsewhere", f"`tokenvault import`: {_ELSEWHERE}", "elsewhere"),
    ("elsewhere, 32", "the same, `--parallel 32`", "elsewhere, 32"),
    ("elsewhere, before", f"{_BEFORE}: {_ELSEWHERE}", None),
    ("ff3", "ff3 1.0.3 (FF3-1), no service, one process", None),
)
_COUNTS: Final = tuple(FLOOR)

Measured = Mapping[str, Any]


def block(measured: Measured) -> str:
    """Rates, limits, and what is asked of DynamoDB."""
    parts = (_made_on(measured), _rates(measured), _limits(measured), _asked(measured))
    return "\n\n".join("\n".join(part) for part in parts)


def _made_on(measured: Measured) -> Iterator[str]:
    machine = measured["machine"]
    yield (
        f"Measured {measured['date']} with `make bulk-bench ROWS={measured['rows']}`: {machine['cpu']}, "
        f"{machine['cores']} cores, Python {machine['python']}."
    )
    yield (
        f"Rates are medians of {measured['rounds']} rounds of {measured['part']:,} rows, in which all take "
        "turns; ratios those of the rounds' ratios."
    )


def _rates(measured: Measured) -> Iterator[str]:
    yield f"| 4 columns, one of them mapped | rows/s | times 30af4c1's (wanted: {WANTED}) |"
    yield "| --- | --- | --- |"
    for name, label, ratio in _RATES:
        times = "" if ratio is None else f"{measured['ratios'][ratio]:.1f}"
        yield f"| {label} | {measured['rates'][name]:,} | {times} |"


def _limits(measured: Measured) -> Iterator[str]:
    cpu, requests = measured["service_cpu_us"], measured["requests"]
    unbroken, resumed = requests["unbroken"], requests["resumed"]
    more = (resumed / unbroken - 1) * 100
    yield "| | measured | at most |"
    yield "| --- | --- | --- |"
    yield (
        f"| CPU of the service a value | {cpu['new']:,.0f} µs, {cpu['new'] / cpu['old']:.2f} of 30af4c1's "
        f"{cpu['old']:,.0f} µs | {CPU_RATIO} |"
    )
    for rows, peak in (
        (measured["rows"], measured["whole"]["peak_mb"]),
        (measured["part"], measured["part_peak_mb"]),
    ):
        yield f"| peak memory of the tool, {rows:,} rows | {peak} MB | {PEAK_MB} MB |"
    yield (
        f"| requests of a run killed half way and gone on with, beyond an unbroken one's {unbroken:,} "
        f"| {resumed - unbroken:,}, {more:.1f} % | {RESUMED_PERCENT} % |"
    )


def _asked(measured: Measured) -> Iterator[str]:
    yield "| a thousand rows | requests to the service | to DynamoDB | write units | read units |"
    yield "| --- | --- | --- | --- | --- |"
    for kind, asked in measured["a_thousand_rows"].items():
        yield f"| {KINDS[kind]} | {_numbers(asked)} |"
    yield f"| DynamoDB's floor, nothing but the records | {_numbers(FLOOR)} |"


def _numbers(asked: Mapping[str, float]) -> str:
    return " | ".join(f"{asked[name]:,.0f}" for name in _COUNTS)
