"""Whether the policy has what a map names: told before anything is sent."""

from collections.abc import Iterable

from tokenvault_client.bulk.errors import NotImportable
from tokenvault_client.bulk.mapping import Column
from tokenvault_client.results import InfoType


def refuse_unknown(columns: Iterable[Column], types: Iterable[InfoType]) -> None:
    """Raises `NotImportable` for a column whose values would all be refused, whatever they are."""
    known = {info.type: info for info in types}
    for column in columns:
        if column.type not in known:
            has = ", ".join(sorted(known)) or "none"
            raise NotImportable(
                f"{column.where}.type: the policy has no type {column.type} for this client; it has {has}"
            )
        _refuse_limit(column, known[column.type])


def _refuse_limit(column: Column, info: InfoType) -> None:
    """By the service's rules for time limits."""
    where = f"{column.where}.ttl_seconds"
    if column.ttl_seconds is None:
        return
    if info.mode == "deterministic":
        raise NotImportable(f"{where}: tokens of the deterministic type {info.type} take no time limit")
    if info.max_ttl_seconds is not None and column.ttl_seconds > info.max_ttl_seconds:
        raise NotImportable(f"{where}: at most {info.max_ttl_seconds} for the type {info.type}")
