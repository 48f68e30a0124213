"""A settlement: reads what the checkout kept, and writes the payments: order, name, card, amount.

python settlement.py kept.csv > payments.csv

It runs under credentials of its own. The checkout's cannot turn one token back.
"""

import csv
import sys

from tokenvault_client import Client, ItemError

COLUMNS = ("name", "card")


def main(kept: str) -> int:
    """Prints a payment for each order that has a card; returns how many orders have none."""
    with open(kept, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["card"]]
    cells = [(row, column) for row in rows for column in COLUMNS if row[column]]
    with Client.from_env() as vault:
        results = vault.detokenize([row[column] for row, column in cells], purpose="settlement")

    failed = set[str]()
    for (row, column), result in zip(cells, results, strict=True):
        if isinstance(result, ItemError):
            print(f"order {row['order']}, {column}: {result.detail}", file=sys.stderr)
            failed.add(row["order"])
        else:
            row[column] = result.value.reveal()

    written = csv.writer(sys.stdout, lineterminator="\n")
    written.writerow(("order", "name", "card", "amount"))
    for row in rows:
        if row["order"] not in failed:
            written.writerow((row["order"], row["name"], row["card"], row["amount"]))
    return len(failed)


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1]) else 0)
