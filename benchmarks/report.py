"""What was measured, as text: the block that the README and `docs/performance.md` show. Pure.

A test renders `results.json` again and compares, so nobody edits a figure by hand.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

MARK: Final = "bench"
"""What the marks around the block are called."""

Results = Mapping[str, Any]
Render = Callable[[Results], str]

TARGETS: Final = {
    "tokenize opaque, 1": 1.7,
    "tokenize formatted, 1": 1.7,
    "detokenize found, 1": 1.7,
    "tokenize opaque, 100": 0.9,
    "tokenize formatted, 100": 1.7,
    "detokenize found, 100": 0.8,
}
"""How many times the CPU of its floor an operation may take."""

DEV_SECONDS: Final = 5
"""Within which `tokenvault-dev` (and `make dev`) serves, on a machine that does nothing else."""

DEV_RATIO: Final = 14
"""How many times the CPU of `import boto3` and two clients it may take, launcher, emulator and functions."""

_SAMPLES: Final = {"tokenize": "sample, kept: tokenize", "detokenize": "sample, kept: detokenize"}


def block(results: Results) -> str:
    """The README's: what it costs, at a glance."""
    return "\n".join([_made_on(results), "", *_short(results), "", *_costs(results), "", *_rest(results)])


def whole(results: Results) -> str:
    """Everything, for `docs/performance.md`."""
    parts = [
        [_made_on(results)],
        ["### Operations", "", *_operations(results)],
        ["### Cost of a million operations, US dollars", "", *_prices(results)],
        ["### Cold start", "", *_cold(results)],
        ["### On a developer's machine", "", _dev(results)],
        ["### Package", "", *_package(results)],
        ["### Scaling", "", *_scaling(results)],
        ["### Bytes of a stored record", "", *_bytes(results)],
    ]
    return "\n\n".join("\n".join(part) for part in parts)


def replaced(text: str, new: str, mark: str = MARK) -> str:
    """A page with what stands between its marks replaced. Raises `ValueError` where there are no marks."""
    before, begin, rest = text.partition(f"<!-- {mark} -->")
    _, end, after = rest.partition(f"<!-- /{mark} -->")
    if not begin or not end:
        raise ValueError("the page has no place for the results")
    return f"{before}{begin}\n{new}\n{end}{after}"


def _made_on(results: Results) -> str:
    machine = results["machine"]
    return (
        f"Measured {results['date']} with `make bench`: {machine['cpu']}, {machine['cores']} cores, "
        f"Python {machine['python']}, AWS answered by a stub within the process."
    )


def _short(results: Results) -> Iterator[str]:
    yield "| an operation of | CPU | its floor | ratio (at most) | the sample's way | KMS calls per 1,000 |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, most in TARGETS.items():
        row = results["operations"][name]
        base = results["operations"][row["floor"]]
        yield (
            f"| {name} | {_us(row['cpu_us'])} | {_us(base['cpu_us'])} | {row['ratio']:.2f} ({most}) "
            f"| {_us(_sample(results, name)['cpu_us'])} | {row['kms_per_1000']:g} |"
        )


def _costs(results: Results) -> Iterator[str]:
    yield "| a million operations, KMS + Lambda (all of it) | tokenvault | the sample's way | less |"
    yield "| --- | --- | --- | --- |"
    for name in ("tokenize opaque", "detokenize found"):
        for size in (1, 100):
            ours, sample = (
                row["dollars_per_million"]
                for row in (
                    results["operations"][f"{name}, {size}"],
                    _sample(results, f"{name}, {size}"),
                )
            )
            less = _kms_and_lambda(sample) / _kms_and_lambda(ours)
            yield f"| {name}, {size} a request | {_money(ours)} | {_money(sample)} | {less:.0f}x |"


def _rest(results: Results) -> Iterator[str]:
    cold, package = results["cold"], results["package"]
    floor = cold["floor"]["cpu_ms"]
    shown = ", ".join(f"{name} {cold[name]['cpu_ms'] / floor:.2f}x" for name in ("tokenize", "reveal"))
    yield (
        f"Cold start to the first answer, in CPU of `import boto3` and two clients ({floor:.0f} ms): {shown} "
        f"(at most 1.5x). The zip has {package['zip_bytes'] / 2**20:.1f} MB (at most 15)."
    )


def _operations(results: Results) -> Iterator[str]:
    yield (
        "| request, items | CPU of an item | ratio to | floor | KMS | DynamoDB | write units | read units "
        "| waits in a row |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for name, row in results["operations"].items():
        if name.startswith("floor"):
            yield f"| {name} | {_us(row['cpu_us'])} | | | | | | | |"
            continue
        yield (
            f"| {name} | {_us(row['cpu_us'])} | {row['ratio']:.2f} | {row['floor'].removeprefix('floor: ')} "
            f"| {row['kms_per_1000']:g} | {row['dynamodb_per_1000']:g} "
            f"| {row['write_units_per_1000']:g} | {row['read_units_per_1000']:g} "
            f"| {row['waits_in_a_row']} |"
        )
    yield ""
    yield "Calls and units are of 1,000 operations. A batch is measured against one bare `put_item` an item."
    yield "Waits in a row are of one request: calls to AWS that go side by side count as one."


def _prices(results: Results) -> Iterator[str]:
    assumed = results["prices"]
    yield "| request, items | Lambda | KMS | DynamoDB | API Gateway | in all |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, row in results["operations"].items():
        if "dollars_per_million" in row:
            spent = row["dollars_per_million"]
            yield (
                f"| {name} | {spent['lambda']:.2f} | {spent['kms']:.2f} | {spent['dynamodb']:.2f} "
                f"| {spent['api_gateway']:.2f} | {sum(spent.values()):.2f} |"
            )
    waits = ", ".join(f"{name} {seconds * 1000:g} ms" for name, seconds in assumed["wait_seconds"].items())
    yield ""
    yield (
        f"List prices of {assumed['region']} as of {assumed['date']} (`benchmarks/prices.py`), functions of "
        f"{assumed['memory_mb']} MB; assumed waits: {waits}."
    )


def _cold(results: Results) -> Iterator[str]:
    yield "| fresh interpreter | CPU | wall | memory |"
    yield "| --- | --- | --- | --- |"
    for name, row in results["cold"].items():
        called = "`import boto3` and two clients" if name == "floor" else f"{name}: first request answered"
        ratio = row["cpu_ms"] / results["cold"]["floor"]["cpu_ms"]
        yield (
            f"| {called} | {row['cpu_ms']:.0f} ms ({ratio:.2f}x) | {row['wall_ms']:.0f} ms "
            f"| {row['rss_mb']:.0f} MB |"
        )


def _dev(results: Results) -> str:
    row = results["dev"]
    return (
        f"`tokenvault-dev` serves after {row['wall_ms'] / 1000:.1f} s (at most {DEV_SECONDS}). "
        f"All its processes together take {row['cpu_ms'] / 1000:.1f} s of CPU to start and to end, "
        f"{row['ratio']:.1f}x that of `import boto3` and two clients (at most {DEV_RATIO}x)."
    )


def _package(results: Results) -> Iterator[str]:
    package = results["package"]
    yield "| part | zipped | unzipped |"
    yield "| --- | --- | --- |"
    for name, row in package["largest"].items():
        yield f"| {name} | {_kb(row['zipped'])} | {_kb(row['unzipped'])} |"
    yield f"| all | {_kb(package['zip_bytes'])} | {_kb(package['unzipped_bytes'])} |"


def _scaling(results: Results) -> Iterator[str]:
    yield "| | tokenize | detokenize |"
    yield "| --- | --- | --- |"
    for records, row in results["scaling"]["records"].items():
        cells = " | ".join(_scaled(row[name]) for name in ("tokenize", "detokenize"))
        yield f"| {int(records):,} records | {cells} |"
    by_value = results["scaling"]["value_bytes"]
    for size in sorted({int(name.rpartition(", ")[2]) for name in by_value}):
        cells = " | ".join(_scaled(by_value[f"{name}, {size}"]) for name in ("tokenize", "detokenize"))
        yield f"| values of {size:,} bytes | {cells} |"
    yield ""
    yield "One item a request; in brackets the ratio to a bare `put_item` in the same run."


def _bytes(results: Results) -> Iterator[str]:
    yield "| type | bytes |"
    yield "| --- | --- |"
    for name, size in results["record_bytes"].items():
        yield f"| {name} | {size:.0f} |"


def _sample(results: Results, name: str) -> Mapping[str, Any]:
    operation, _, size = name.rpartition(", ")
    row: Mapping[str, Any] = results["operations"][f"{_SAMPLES[operation.split()[0]]}, {size}"]
    return row


def _kms_and_lambda(dollars: Mapping[str, float]) -> float:
    return dollars["kms"] + dollars["lambda"]


def _money(dollars: Mapping[str, float]) -> str:
    return f"${_kms_and_lambda(dollars):.2f} (${sum(dollars.values()):.2f})"


def _scaled(row: Mapping[str, float]) -> str:
    return f"{_us(row['cpu_us'])} ({row['ratio']:.2f})"


def _us(microseconds: float) -> str:
    return f"{microseconds:,.0f} µs" if microseconds < 10_000 else f"{microseconds / 1000:,.0f} ms"


def _kb(size: float) -> str:
    return f"{size / 1024:,.0f} KB"
