"""Orders as the shop keeps them: with a token in the place of the card."""

import re
import threading
from dataclasses import dataclass

NOT_THIS_CARD = "This card was not given for this order. Please enter it again."

_DIGITS = re.compile(r"[0-9]{12,19}")


class Refused(Exception):
    """An order that is not kept; the text is for the page."""


@dataclass(frozen=True)
class Order:
    """`card` is a token, of which the last four digits are the card's own."""

    number: int
    customer: str
    item: str
    card: str


def token_of_card(text: object) -> str:
    """The token of a card, which fails the Luhn check on purpose. Raises `Refused`.

    A page that sent the number itself by mistake is told so, and the number goes no further.
    """
    if not isinstance(text, str) or not _DIGITS.fullmatch(text) or _passes_luhn(text):
        raise Refused("This is not a token of the vault, so the order was not kept.")
    return text


def _passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


class Orders:
    """The orders of this run, in memory: an example has no database.

    Each is of one checkout, which goes by the id of its capture session and is the customer's who began it.
    So one that is sent again, as its answer was lost, is the same order, and nobody orders in another's.
    """

    def __init__(self) -> None:
        self._of_checkouts: dict[tuple[str, str], Order | None] = {}
        self._number = 1000
        self._lock = threading.Lock()

    def begin(self, checkout: str, customer: str) -> None:
        """A checkout that waits for its card."""
        with self._lock:
            self._of_checkouts[checkout, customer] = None

    def add(self, checkout: object, customer: str, item: str, card: str) -> Order:
        """The order of a customer's checkout. Raises `Refused` if there is none, or it has another card."""
        with self._lock:
            if not isinstance(checkout, str) or (checkout, customer) not in self._of_checkouts:
                raise Refused(NOT_THIS_CARD)
            order = self._of_checkouts[checkout, customer]
            if order is None:
                self._number += 1
                order = self._of_checkouts[checkout, customer] = Order(self._number, customer, item, card)
        if order.card != card:
            raise Refused(NOT_THIS_CARD)
        return order

    def all(self) -> list[Order]:
        """The orders, newest first."""
        with self._lock:
            made = [order for order in self._of_checkouts.values() if order is not None]
        return sorted(made, key=lambda order: -order.number)
