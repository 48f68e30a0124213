"""The options of `import`. None of them takes a value that is to be protected."""

import argparse
import re
from pathlib import Path
from typing import Any, Final

from tokenvault_client.cli import importing
from tokenvault_client.cli.parsers import add_command

_IMPORT: Final = """\
A file in, the same file out, with tokens in the columns that the map names and every other byte as it was.
FILE is CSV (.csv, .tsv), JSON Lines (.jsonl, .ndjson) or Parquet (.parquet, with the package pyarrow). Each
column is read as the text that stands there: leading zeros stay, floats and scientific notation are refused.
Empty cells stay empty. A cell that is refused is empty in the output, and named in OUT.errors.jsonl with its
row, column and rule, never its value.

A run that ended, in whatever way, is gone on with by the same command: no value gets a second token, no row
is lost. What it needs for that lies beside the output (OUT.part, OUT.journal) until it is whole; the output
has its name only then. The page docs/bulk.md of the project describes the map, and more.

  tokenvault import customers.csv --map map.toml --dry-run
  tokenvault import customers.csv --map map.toml --out customers.tokens.csv

map.toml:

  [columns.card]
  type = "card_number"        # the information type; see `types`
  subject = "customer_id"     # the column with the subject's id
  metadata = ["country"]      # columns that go along, in the clear
"""


def add_import(added: Any) -> None:
    """Adds the command."""
    made = add_command(
        added, "import", importing.import_file, "a file with values in, the file with tokens out", _IMPORT
    )
    made.add_argument("input", type=Path, metavar="FILE", help="the file to take in; stays as it is")
    made.add_argument("--map", required=True, metavar="MAP", help="TOML: which columns, as what")
    made.add_argument("--out", type=Path, metavar="OUT", help="the file with tokens; must not be there yet")
    made.add_argument(
        "--token-column",
        metavar="COLUMN",
        help="the column with the token that each value has already; the vault stores the value under it",
    )
    made.add_argument(
        "--dry-run",
        action="store_true",
        help="check map, rows and each `shape` here; send and write nothing (types and values: the service)",
    )
    made.add_argument(
        "--max-errors",
        type=_count,
        default=100,
        metavar="N",
        help="give up once more than N cells are bad; a dry run lists N and counts on (default: 100)",
    )
    made.add_argument(
        "--parallel",
        type=_parallel,
        default=8,
        metavar="N",
        help="most requests at once, 1 to 64 (default: 8)",
    )


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise argparse.ArgumentTypeError("a whole number is needed")
    return int(text)


def _parallel(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", text) or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError("a number from 1 to 64 is needed")
    return int(text)
