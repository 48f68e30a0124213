"""Makes up a day's orders, always the same ones: `python orders.py 1000 > orders.csv`.

Nobody's: card numbers are drawn and pass the Luhn check, and RFC 2606 keeps example.com for examples.
"""

import csv
import random
import sys

COLUMNS = ("order", "customer", "email", "card", "amount")


def main(count: int) -> None:
    """Prints so many orders as CSV, of a hundred customers."""
    written = csv.writer(sys.stdout, lineterminator="\n")
    written.writerow(COLUMNS)
    drawn = random.Random(1)  # noqa: S311 -- made-up orders, the same ones each time
    for order in range(1, count + 1):
        customer = f"customer-{drawn.randrange(100):03}"
        amount = f"{drawn.randrange(100, 50_000) / 100:.2f}"
        written.writerow((f"O-{order:05}", customer, f"{customer}@example.com", _card(drawn), amount))


def _card(drawn: random.Random) -> str:
    """Sixteen digits, the last of which is the check digit of ISO/IEC 7812-1, Annex B."""
    digits = f"400000{drawn.randrange(10**9):09}"
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    return f"{digits}{-(doubled + sum(map(int, digits[-2::-2]))) % 10}"


if __name__ == "__main__":
    main(int(sys.argv[1]))
