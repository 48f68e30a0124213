"""The shop's web server: whose requests it answers, and what each answer carries."""

import json
import sys
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from orders import Refused
from settings import Settings
from tokenvault_client import TokenvaultError

PAGES: Final = Path(__file__).parent / "pages"
CLIENT: Final = Path(__file__).parents[2] / "clients/typescript/dist"
TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
NAMES: Final = {"/": "checkout.html", "/office": "office.html"}
LONGEST_BODY: Final = 4096
ANOTHER_NAME: Final = "This is not the name of the shop."
ANOTHER_PAGE: Final = "Only the shop's own pages may ask for this."

Answer = tuple[int, dict[str, Any]]


class Asked(Protocol):
    """What pages may ask for, and read, by path."""

    asked: Mapping[str, Callable[[dict[str, Any]], Answer]]
    read: Mapping[str, Callable[[], Any]]


def files() -> dict[str, Path]:
    """Each file that there is, by its path: no path is looked for in a folder."""
    names = {path: PAGES / name for path, name in NAMES.items()}
    parts = {f"/{file.name}": file for file in PAGES.iterdir() if file.suffix != ".html"}
    return names | parts | {f"/client/{file.name}": file for file in CLIENT.glob("*.js")}


def headers(settings: Settings) -> dict[str, str]:
    """What each answer carries, refusals too."""
    return {
        "Content-Security-Policy": settings.content_security_policy(),
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


class Web(BaseHTTPRequestHandler):
    """Answers requests: files, and what the shop may be asked for. `handler` says of which shop."""

    shop: Asked
    settings: Settings
    served: Mapping[str, Path]
    timeout = 10
    server_version, sys_version = "shop", ""
    error_content_type, error_message_format = "text/plain", "The shop does not understand this."

    def do_GET(self) -> None:
        path = self._path()
        if not self._is_for_the_shop():
            self._json(421, {"detail": ANOTHER_NAME})
        elif path in self.shop.read:
            self._json(200, self.shop.read[path]())
        elif path in self.served:
            self._answer(200, TYPES[self.served[path].suffix], self.served[path].read_bytes())
        else:
            self._json(404, {"detail": "There is no such page."})

    def do_POST(self) -> None:
        if not self._is_for_the_shop():
            self._json(421, {"detail": ANOTHER_NAME})
        elif self.headers.get_all("Origin") != [self.settings.origin] or self.path not in self.shop.asked:
            self._json(403, {"detail": ANOTHER_PAGE})
        else:
            self._json(*self._done())

    def _is_for_the_shop(self) -> bool:
        """Whether it was asked for by its own name.

        Any page may have a name of its own resolve to this machine (DNS rebinding), and to its browser that
        page is then of one origin with what answers.
        """
        return self.headers.get_all("Host") == [urlsplit(self.settings.origin).netloc]

    def _done(self) -> Answer:
        try:
            return self.shop.asked[self.path](self._body())
        except Refused as refused:
            return 422, {"detail": str(refused)}
        except TokenvaultError as error:
            print(f"the vault refused: {error}", file=sys.stderr)  # It names codes and fields, no value.
            return 502, {"detail": "The vault did not do that. Please try again in a while."}

    def _body(self) -> dict[str, Any]:
        """The JSON object that was sent. Raises `Refused`."""
        length = self.headers.get("Content-Length", "")
        if not (length.isdecimal() and len(length) < 5 and int(length) <= LONGEST_BODY):
            raise Refused("The request is too long.")
        try:
            body = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise Refused("The request is no JSON object.")
        return body

    def _json(self, status: int, body: Any) -> None:
        self._answer(status, "application/json", json.dumps(body).encode())

    def _answer(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        """Here, so that also what the base class answers by itself carries them."""
        for name, value in headers(self.settings).items():
            self.send_header(name, value)
        super().end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Names what the shop has and nothing that was sent: a query holds the code of a sign-in, say."""
        path = getattr(self, "path", "").partition("?")[0]
        known = path in {*self.served, *self.shop.asked, *self.shop.read}
        what = f"{self.command} {path}" if known else "something else"
        print(f"{what}: {int(code)}", file=sys.stderr)

    def log_error(self, *_: Any) -> None:
        """Its texts quote requests; the status is in the line of the request."""

    def _path(self) -> str:
        return self.path.partition("?")[0]


def handler(shop: Asked, settings: Settings) -> type[Web]:
    """What answers for a shop."""
    return type("Handler", (Web,), {"shop": shop, "settings": settings, "served": files()})
