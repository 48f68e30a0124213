"""The shop's back end: pages, capture sessions, and orders that hold tokens. Run by `make example`.

It has the secret of the vault's client `checkout`, and no page does. It never sees a card number: the page
sends that to the vault by itself.
"""

import json
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from orders import NOT_THIS_CARD, Orders, Refused, token_of_card
from settings import Settings
from tokenvault_client import Client, NotFound, TokenvaultError

PAGES: Final = Path(__file__).parent / "pages"
CLIENT: Final = Path(__file__).parents[2] / "clients/typescript/dist"
TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
NAMES: Final = {"/": "checkout.html", "/office": "office.html"}
CUSTOMER: Final = "customer-17"
"""Who is at the checkout. A real shop knows by its own sign-in."""

ITEM: Final = "Enamel coffee pot, blue"
LONGEST_BODY: Final = 4096

Answer = tuple[int, dict[str, Any]]


class Shop:
    """What the pages may ask for, by path. Each takes and answers JSON."""

    def __init__(self, vault: Client, settings: Settings) -> None:
        self._vault, self._settings, self._orders = vault, settings, Orders()
        self.asked: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "/api/capture-sessions": self._capture_session,
            "/api/orders": self._order,
        }
        self.read: dict[str, Callable[[], Any]] = {
            "/api/settings": settings.for_pages,
            "/api/orders": lambda: [vars(order) for order in self._orders.all()],
        }

    def _capture_session(self, body: dict[str, Any]) -> Answer:
        """A session for one card of the customer, for this shop's pages alone."""
        made = self._vault.capture_session(
            types=["card_number"], origin=self._settings.origin, subject=CUSTOMER
        )
        self._orders.begin(made.session_id)
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


def handler(shop: Shop, settings: Settings) -> type[BaseHTTPRequestHandler]:
    """Answers requests: files, and what the shop may be asked for."""
    headers = {
        "Content-Security-Policy": settings.content_security_policy(),
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path in shop.read:
                self._json(200, shop.read[path]())
            else:
                self._file(path)

        def do_POST(self) -> None:
            if self.headers.get("Origin") != settings.origin or self.path not in shop.asked:
                self._json(403, {"detail": "Only the shop's own pages may ask for this."})
                return
            try:
                self._json(*shop.asked[self.path](self._body()))
            except Refused as refused:
                self._json(422, {"detail": str(refused)})
            except TokenvaultError as error:
                print(f"the vault refused: {error}", file=sys.stderr)  # It names codes and fields, no value.
                self._json(502, {"detail": "The vault did not do that. Please try again in a while."})

        def _body(self) -> dict[str, Any]:
            """The JSON object that was sent. Raises `Refused`."""
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > LONGEST_BODY:
                raise Refused("The request is too long.")
            try:
                body = json.loads(self.rfile.read(int(length)))
            except ValueError:
                body = None
            if not isinstance(body, dict):
                raise Refused("The request is no JSON object.")
            return body

        def _file(self, path: str) -> None:
            folder = CLIENT if path.startswith("/client/") else PAGES
            found = folder / NAMES.get(path, path.rpartition("/")[2])
            if found.suffix in TYPES and found.is_file():
                self._answer(200, TYPES[found.suffix], found.read_bytes())
            else:
                self._json(404, {"detail": "There is no such page."})

        def _json(self, status: int, body: Any) -> None:
            self._answer(status, "application/json", json.dumps(body).encode())

        def _answer(self, status: int, media_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"{media_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler


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
