"""What was measured beside a peer, as the block of `docs/performance.md`. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

MARK: Final = "peers"
"""What the marks around the block are called."""

WANTED: Final = {
    "value in, 1": 1.35,
    "value in, 100": 0.72,
    "value back, 1": 0.9,
    "value back, 100": 0.35,
}
"""What ours should come to of theirs, at most."""

_OURS: Final = ("random", "deterministic")
_THEIRS: Final = "nodii"


def name(operation: str, size: int, whose: str) -> str:
    """The name of a case."""
    return f"{operation}, {size}: {whose}"


def pairs(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Cases of ours, each with the peer's that it is measured against."""
    for each in names:
        operation, _, whose = each.partition(": ")
        if whose in _OURS:
            yield each, f"{operation}: {_THEIRS}"


def block(measured: Mapping[str, Any]) -> str:
    """Two tables: the peer, and what needs no vault."""
    return "\n".join(
        [
            f"Measured {measured['date']} with `make bench-peers`.",
            "",
            *_peer(measured),
            "",
            *_floors(measured),
        ]
    )


def _peer(measured: Mapping[str, Any]) -> Iterator[str]:
    yield "| operation, items a request | ours, CPU of an item | nodii-pii | ratio (wanted) |"
    yield "| --- | --- | --- | --- |"
    cpu = measured["cpu_us"]
    for ours, theirs in pairs(cpu):
        operation, _, mode = ours.partition(": ")
        wanted = f" ({WANTED[operation]:.2f})" if operation in WANTED else ""
        ratio = f"{measured['ratios'][ours]:.2f}{wanted}"
        yield f"| {operation}, {mode} type | {cpu[ours]:,.0f} µs | {cpu[theirs]:,.0f} µs | {ratio} |"


def _floors(measured: Mapping[str, Any]) -> Iterator[str]:
    yield "| without a vault | there | back |"
    yield "| --- | --- | --- |"
    cpu = measured["cpu_us"]
    known = (*_OURS, _THEIRS)
    for each in cpu:
        operation, _, whose = each.partition(": ")
        if operation == "value in, 1" and whose not in known:
            yield f"| {whose} | {cpu[each]:,.1f} µs | {cpu[name('value back', 1, whose)]:,.1f} µs |"
