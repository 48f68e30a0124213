"""From a file and a map to a source of rows."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tokenvault_client.bulk.csv_files import CsvFile
from tokenvault_client.bulk.errors import NotImportable
from tokenvault_client.bulk.json_lines import JsonLinesFile
from tokenvault_client.bulk.mapping import ImportMap
from tokenvault_client.bulk.rows import Source

_SUFFIXES: Final[Mapping[str, str]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


def _parquet(path: Path, mapped: ImportMap) -> Source:
    from tokenvault_client.bulk.parquet import ParquetFile  # noqa: PLC0415  # needs an extra

    return ParquetFile(path, mapped)


_KINDS: Final[Mapping[str, Callable[[Path, ImportMap], Source]]] = {
    "csv": CsvFile,
    "jsonl": JsonLinesFile,
    "parquet": _parquet,
}


def open_source(path: Path, mapped: ImportMap) -> Source:
    """The file, in the format that the map says or its name tells. Raises `NotImportable` and `OSError`."""
    return _KINDS[format_of(path.suffix, mapped)](path, mapped)


def format_of(suffix: str, mapped: ImportMap) -> str:
    """`csv`, `jsonl` or `parquet`, as the map says or the ending of a name. Raises `NotImportable`."""
    kind = mapped.format or _SUFFIXES.get(suffix.lower())
    if kind is None:
        raise NotImportable('the file\'s name tells no format; say it in the map, for example format = "csv"')
    return kind
