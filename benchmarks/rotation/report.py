"""What was measured of rotations, as the block of `docs/performance.md`. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

MARK: Final = "rotation"
"""What the marks around the block are called."""

RATIO: Final = 0.8
"""How many times the CPU of two requests, of one value taken in and one shown, a record may take."""

GROWTH: Final = 1.1
"""How many times the memory of the smaller rotation the larger one may take."""

Measured = Mapping[str, Any]


def block(measured: Measured) -> str:
    """CPU beside requests, then memory by records."""
    parts = ([_made_on(measured)], _cpu(measured), _memory(measured))
    return "\n\n".join("\n".join(part) for part in parts)


def per_second(measured: Measured) -> float:
    """Records that one core seals again in a second."""
    return 1e6 / float(measured["cpu_us"]["rotation: a page"])


def _made_on(measured: Measured) -> str:
    machine = measured["machine"]
    return (
        f"Measured {measured['date']} with `make rotation-bench`: {machine['cpu']}, {machine['cores']} "
        f"cores, Python {machine['python']}, AWS answered by a stub within the process."
    )


def _cpu(measured: Measured) -> Iterator[str]:
    cpu, ratios = measured["cpu_us"], measured["ratios"]
    yield "| | CPU of a record | ratio to both (at most) |"
    yield "| --- | --- | --- |"
    yield f"| walked over and sealed again | {cpu['rotation: a page']:,.0f} µs | |"
    for size, ratio in ratios.items():
        both = [cpu[f"{name}, {size}"] for name in ("tokenize opaque", "detokenize found")]
        shown = " + ".join(f"{each:,.0f}" for each in both)
        most = f" ({RATIO})" if size == "1" else ""
        yield f"| tokenize + detokenize, {size} a request | {shown} µs | {ratio:.2f}{most} |"
    yield ""
    yield f"That is {per_second(measured):,.0f} records a second on one core, waits for AWS left out."


def _memory(measured: Measured) -> Iterator[str]:
    yield "| a whole rotation of | CPU of a record | peak memory |"
    yield "| --- | --- | --- |"
    for records, row in measured["whole"].items():
        each = row["cpu_seconds"] * 1e6 / row["records"]
        yield f"| {int(records):,} records | {each:,.0f} µs | {row['peak_mb']:.0f} MB |"
