"""The map of an import: which columns are tokenized, as what, and with what beside them."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tokenvault_client.batches import MAX_ITEMS
from tokenvault_client.bulk.errors import NotImportable
from tokenvault_client.bulk.shapes import SHAPES

MAX_METADATA: Final = 8
"""Most facts beside a token, a limit of the service."""

_LARGEST: Final = 1024 * 1024
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_FACT: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
"""The service's rule for names of metadata."""

_COLUMN_KEYS: Final = frozenset(
    {"type", "subject", "metadata", "ttl_seconds", "empty", "nulls", "integers", "decimals", "shape"}
    | {"token_column"}
)
_CHOICES: Final[Mapping[str, frozenset[str]]] = {
    "empty": frozenset({"keep", "refuse"}),
    "integers": frozenset({"refuse", "digits"}),
    "decimals": frozenset({"refuse", "text"}),
    "shape": frozenset(SHAPES),
}
_FORMATS: Final = frozenset({"csv", "jsonl", "parquet"})
_ENCODINGS: Final = re.compile(
    r"utf-8|us-ascii|iso-8859-(?:[1-9]|1[0-6])|cp125[0-8]|cp437|cp85[0258]|koi8-r|mac-roman"
)
"""Encodings in which each ASCII byte is itself wherever it stands, so that a cell's end is found in bytes."""


@dataclass(frozen=True)
class Column:
    """A column whose cells become tokens.

    `subject` names the column with the subject's id, `metadata` the column of each fact. A cell is empty if
    nothing stands in it, or one of the texts `nulls`. Integers of JSON and Parquet are taken only if
    `integers` is "digits"; texts that read as a float or in scientific notation only if `decimals` is "text".
    `token_column` names the column with the token that the value has already.
    """

    name: str
    type: str
    subject: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    ttl_seconds: int | None = None
    empty: str = "keep"
    nulls: tuple[str, ...] = ()
    integers: str = "refuse"
    decimals: str = "refuse"
    shape: str | None = None
    token_column: str | None = None

    @property
    def where(self) -> str:
        """The place in the map, for errors."""
        return _where(self.name)

    @property
    def beside(self) -> tuple[str, ...]:
        """The columns that are read for it and stay as they are."""
        named = [name for name in (self.subject, self.token_column) if name is not None]
        return (*named, *self.metadata.values())


@dataclass(frozen=True)
class CsvOptions:
    """How a CSV file is written. Without a header, columns are named by their numbers, from 1."""

    delimiter: str = ","
    encoding: str = "utf-8"
    header: bool = True


@dataclass(frozen=True)
class ImportMap:
    """The whole map; `digest` tells it from another. `csv` of None leaves the defaults to the file's name.

    Where one column `keeps_tokens`, all do: who may import tokens gets no other ones.
    """

    columns: tuple[Column, ...]
    csv: CsvOptions | None
    format: str | None
    digest: str

    @property
    def keeps_tokens(self) -> bool:
        """Whether values are stored under tokens that they have already."""
        return any(column.token_column is not None for column in self.columns)

    @property
    def names(self) -> frozenset[str]:
        """All columns that are read."""
        return frozenset(name for column in self.columns for name in (column.name, *column.beside))


def read_map(raw: bytes, token_column: str | None = None) -> ImportMap:
    """A map from TOML. `token_column` is that of its one column, if the map does not say it.

    Raises `NotImportable` with the key at fault.
    """
    try:
        document = tomllib.loads(raw[: _LARGEST + 1].decode())
    except (ValueError, RecursionError):
        # The text of the parser's error may quote the file.
        raise NotImportable("map: not TOML in UTF-8") from None
    _known(document, {"columns", "csv", "format"}, "map")
    if token_column is not None:
        _add_token_column(_table(document, "columns"), token_column)
    columns = tuple(_column(name, said) for name, said in _table(document, "columns").items())
    if not 1 <= len(columns) <= MAX_ITEMS:
        raise NotImportable(f"map: columns: 1 to {MAX_ITEMS} are needed")
    _apart(columns)
    _alike(columns)
    wanted = document.get("format")
    if wanted is not None and wanted not in _FORMATS:
        raise NotImportable(f"map: format must be one of {_listed(_FORMATS)}")
    options = _csv(_table(document, "csv")) if "csv" in document else None
    canonical = json.dumps(document, default=str)  # in the map's order, which requests follow
    return ImportMap(columns, options, wanted, hashlib.sha256(canonical.encode()).hexdigest())


def _column(name: str, said: Any) -> Column:
    where = _where(name)
    if not isinstance(said, dict):
        raise NotImportable(f"{where}: a table with at least a type is needed")
    _known(said, _COLUMN_KEYS, where)
    if not isinstance(said.get("type"), str) or not _NAME.fullmatch(said["type"]):
        raise NotImportable(f"{where}.type: the name of an information type is needed; see `types`")
    for key, choices in _CHOICES.items():
        if key in said and said[key] not in choices:
            raise NotImportable(f"{where}.{key}: must be one of {_listed(choices)}")
    for key in ("subject", "token_column"):
        if not isinstance(said.get(key, ""), str):
            raise NotImportable(f"{where}.{key}: the name of a column is needed")
    ttl = said.get("ttl_seconds", 1)
    if type(ttl) is not int or ttl < 1:
        raise NotImportable(f"{where}.ttl_seconds: a whole number of seconds is needed")
    more = {"metadata": _metadata(said.get("metadata", {}), where), "nulls": _nulls(said, where)}
    return Column(name, **{**said, **more})


def _where(name: str) -> str:
    return f"map: columns.{json.dumps(name, ensure_ascii=False)}"


def _metadata(said: Any, where: str) -> Mapping[str, str]:
    """The column of each fact: a list of columns, or a table of facts and their columns."""
    table = {name: name for name in said if isinstance(name, str)} if isinstance(said, list) else said
    strings = isinstance(table, dict) and all(isinstance(text, str) for text in table.values())
    if not strings or len(table) != len(said) or len(table) > MAX_METADATA:
        raise NotImportable(
            f"{where}.metadata: at most {MAX_METADATA} columns, or a table of facts and their columns"
        )
    if not all(_FACT.fullmatch(fact) for fact in table):
        raise NotImportable(
            f"{where}.metadata: names of facts are 1 to 32 of a-z 0-9 _; a table gives a column another name"
        )
    return dict(table)


def _nulls(said: Mapping[str, Any], where: str) -> tuple[str, ...]:
    texts = said.get("nulls", [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise NotImportable(f"{where}.nulls: a list of texts is needed")
    return tuple(texts)


def _apart(columns: Iterable[Column]) -> None:
    """What is tokenized is no subject and no metadata, which are stored and shown in the clear."""
    tokenized = {column.name for column in columns}
    for column in columns:
        for name in column.beside:
            if name in tokenized:
                shown = json.dumps(name, ensure_ascii=False)
                raise NotImportable(
                    f"map: {shown} is tokenized, so it cannot be a subject, a token or metadata too"
                )


def _alike(columns: Iterable[Column]) -> None:
    """A client that may import tokens may not tokenize, so no file has both."""
    if len({column.token_column is None for column in columns}) > 1:
        raise NotImportable("map: token_column is needed for all columns or for none; take two runs")


def _add_token_column(columns: Mapping[str, Any], token_column: str) -> None:
    """That of the command line."""
    [said, *others] = columns.values() or [None]
    if others or not isinstance(said, dict) or "token_column" in said:
        raise NotImportable("--token-column: for maps with one column that names none; name it in the map")
    said["token_column"] = token_column


def _csv(said: Mapping[str, Any]) -> CsvOptions:
    _known(said, {"delimiter", "encoding", "header"}, "map: csv")
    delimiter, encoding = said.get("delimiter", ","), said.get("encoding", "utf-8")
    if not isinstance(delimiter, str) or not re.fullmatch(r"[\t -~]", delimiter) or delimiter in ('"', " "):
        raise NotImportable("map: csv.delimiter: one ASCII character is needed, not a quote or a space")
    if not isinstance(encoding, str) or not _ENCODINGS.fullmatch(encoding.lower()):
        raise NotImportable(
            "map: csv.encoding: utf-8 or an encoding with one byte a character is needed, such as cp1252"
        )
    if not isinstance(said.get("header", True), bool):
        raise NotImportable("map: csv.header: true or false is needed")
    return CsvOptions(delimiter, encoding.lower(), said.get("header", True))


def _table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = document.get(name)
    if not isinstance(table, dict):
        raise NotImportable(f"map: a table {name} is needed")
    return table


def _known(said: Mapping[str, Any], keys: Iterable[str], where: str) -> None:
    if not set(said) <= set(keys):
        raise NotImportable(f"{where}: no other keys than {_listed(keys)}")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))
