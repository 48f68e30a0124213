"""A settlement: reads what the checkout kept, and writes what the acquirer is paid by: order, card, amount.

python settlement.py kept.csv > payments.csv

It runs under credentials of its own. The checkout's cannot turn one token back.
"""

import csv
import sys

from tokenvault_client import Client, ItemError


def main(kept: str) -> int:
    """Prints a payment for each order that has a card; returns how many tokens could not be turned back."""
    with open(kept, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["card"]]
    with Client.from_env() as vault:
        results = vault.detokenize([row["card"] for row in rows], purpose="settlement")

    written, failed = csv.writer(sys.stdout, lineterminator="\n"), 0
    written.writerow(("order", "card", "amount"))
    for row, result in zip(rows, results, strict=True):
        if isinstance(result, ItemError):
            print(f"order {row['order']}: {result.detail}", file=sys.stderr)
            failed += 1
        else:
            written.writerow((row["order"], result.value.reveal(), row["amount"]))
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1]) else 0)
