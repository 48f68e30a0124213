"""A checkout: takes orders in, and keeps tokens in place of all that tells who bought, and of card numbers.

python checkout.py orders.csv kept.csv KEY

The program may end half way. Run again on the same orders under the same KEY, it writes the same tokens: make
the key before the first try (`openssl rand -hex 16`), and keep it as long as the orders.
"""

import csv
import sys

from tokenvault_client import Client, ItemError, TokenizeItem

TYPES = {"name": "text", "email": "text", "phone": "text", "address": "text", "card": "card_number"}


def main(orders: str, kept: str, key: str) -> int:
    """Writes the orders with tokens; returns how many values were refused."""
    with open(orders, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cells = [(row, column) for row in rows for column in TYPES]
    items = [TokenizeItem(TYPES[column], row[column], subject=row["customer"]) for row, column in cells]
    with Client.from_env() as vault:
        results = vault.tokenize(items, idempotency_key=key)

    refused = 0
    for (row, column), result in zip(cells, results, strict=True):
        if isinstance(result, ItemError):
            print(f"order {row['order']}, {column}: {result.detail}", file=sys.stderr)
            refused += 1
        row[column] = "" if isinstance(result, ItemError) else result.token

    with open(kept, "w", encoding="utf-8", newline="") as file:
        written = csv.DictWriter(file, rows[0], lineterminator="\n")
        written.writeheader()
        written.writerows(rows)
    return refused


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:4]) else 0)
