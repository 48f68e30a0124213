"""The shop's back end: capture sessions, and orders that hold tokens. Run by `make example`.

It has the secret of the vault's client `checkout`, and no page does. It never sees a card number: the page
sends that to the vault by itself.
"""

import sys
from collections.abc import Callable, Mapping
from http.server import ThreadingHTTPServer
from typing import Any, Final

from orders import NOT_THIS_CARD, Orders, Refused, token_of_card
from settings import Settings
from tokenvault_client import Client, NotFound
from web import Answer, handler

CUSTOMER: Final = "customer-17"
"""Who is at the checkout. A real shop knows by its own sign-in."""

ITEM: Final = "Enamel coffee pot, blue"


class Shop:
    """What the pages may ask for, by path. Each takes and answers JSON."""

    def __init__(self, vault: Client, settings: Settings) -> None:
        self._vault, self._settings, self._orders = vault, settings, Orders()
        self.asked: Mapping[str, Callable[[dict[str, Any]], Answer]] = {
            "/api/capture-sessions": self._capture_session,
            "/api/orders": self._order,
        }
        self.read: Mapping[str, Callable[[], Any]] = {
            "/api/settings": settings.for_pages,
            "/api/orders": lambda: [vars(order) for order in self._orders.all()],
        }

    def _capture_session(self, body: dict[str, Any]) -> Answer:
        """A session for one card of the customer, for this shop's pages alone."""
        made = self._vault.capture_session(
            types=["card_number"], origin=self._settings.origin, subject=CUSTOMER
        )
        self._orders.begin(made.session_id, CUSTOMER)
        return 201, {"session": made.session, "id": made.session_id}

    def _order(self, body: dict[str, Any]) -> Answer:
        """Keeps an order, once the vault says that its token is of this very session. Raises `Refused`."""
        token, checkout = token_of_card(body.get("card")), body.get("session")
        try:
            made_by = self._vault.facts(token).metadata.get("capture_session")
        except NotFound:
            made_by = None
        if made_by is None or made_by != checkout:
            raise Refused(NOT_THIS_CARD)
        return 201, vars(self._orders.add(checkout, CUSTOMER, ITEM, token))


def main() -> int:
    """Serves until told to stop."""
    settings = Settings.from_environment()
    with Client.from_env() as vault:
        shop = handler(Shop(vault, settings), settings)
        try:
            server = ThreadingHTTPServer(("127.0.0.1", settings.port), shop)
        except OSError as problem:
            print(f"the shop cannot listen at {settings.origin}: {problem.strerror}", file=sys.stderr)
            return 1
        print(f"the shop is open: {settings.origin}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("closed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
