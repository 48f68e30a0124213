"""Makes up a day's orders, always the same ones: `python orders.py 1000 > orders.csv`.

Nobody's: card numbers are drawn and pass the Luhn check, RFC 2606 keeps example.com for examples, and the
North American numbering plan keeps 555-0100 to 555-0199 for made-up numbers.
"""

import csv
import random
import sys

COLUMNS = ("order", "customer", "name", "email", "phone", "address", "card", "amount")
FIRST, LAST = ("Ada", "Ben", "Chen", "Dora", "Elif", "Femi"), ("Adams", "Brown", "Castro", "Diaz", "Evans")


def main(count: int) -> None:
    """Prints so many orders as CSV, of a hundred customers."""
    written = csv.writer(sys.stdout, lineterminator="\n")
    written.writerow(COLUMNS)
    drawn = random.Random(1)  # noqa: S311 -- made-up orders, the same ones each time
    for order in range(1, count + 1):
        number = drawn.randrange(100)
        amount = f"{drawn.randrange(100, 50_000) / 100:.2f}"
        written.writerow((f"O-{order:05}", *_customer(number), _card(drawn), amount))


def _customer(number: int) -> tuple[str, ...]:
    """Id, name, e-mail address, telephone number and postal address."""
    return (
        f"customer-{number:03}",
        f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}",
        f"customer-{number:03}@example.com",
        f"+1 202 555 01{number:02}",
        f"{number + 1} Example Street",
    )


def _card(drawn: random.Random) -> str:
    """Sixteen digits, the last of which is the check digit of ISO/IEC 7812-1, Annex B."""
    digits = f"400000{drawn.randrange(10**9):09}"
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    return f"{digits}{-(doubled + sum(map(int, digits[-2::-2]))) % 10}"


if __name__ == "__main__":
    main(int(sys.argv[1]))
