"""Orders as the shop keeps them: with a token in the place of the card."""

import re
import threading
from dataclasses import dataclass

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
    """The orders of this run, in memory: an example has no database."""

    def __init__(self) -> None:
        self._orders: list[Order] = []
        self._lock = threading.Lock()

    def add(self, customer: str, item: str, card: str) -> Order:
        """A new order."""
        with self._lock:
            order = Order(len(self._orders) + 1001, customer, item, card)
            self._orders.append(order)
        return order

    def all(self) -> list[Order]:
        """The orders, newest first."""
        with self._lock:
            return self._orders[::-1]


class Waiting:
    """The checkouts that wait for their card, by the id of the capture session. Each ends in one order."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._lock = threading.Lock()

    def begin(self, session_id: str) -> None:
        """Another one."""
        with self._lock:
            self._ids.add(session_id)

    def end(self, session_id: str) -> bool:
        """Whether it waited; it does no longer."""
        with self._lock:
            waited = session_id in self._ids
            self._ids.discard(session_id)
        return waited
