"""Format-preserving encryption (FF3-1) of a column, one key for all of it: a CSV file in, the same out.

Run by path with the environment of `make bench-peers`.
"""

import csv
import sys
from pathlib import Path

from ff3 import FF3Cipher

KEY = "2b7e151628aed2a6abf7158809cf4f3c"
TWEAK = "d8e7920afa330a"


def main(source: Path, out: Path) -> None:
    """Command line."""
    cipher = FF3Cipher(KEY, TWEAK)
    with source.open(newline="") as given, out.open("w", newline="") as made:
        rows, writer = csv.DictReader(given), csv.writer(made)
        writer.writerow(rows.fieldnames or ())
        for row in rows:
            writer.writerow((row | {"card": cipher.encrypt(row["card"])}).values())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
