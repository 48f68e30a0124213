"""Pages in a real browser: headless Chromium, which reports to the server that the page came from."""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any, Final

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
SECONDS: Final = 60
"""From the start of a browser to its page's report; a browser starts in a few."""


class Site:
    """A site of one page, by whatever name of this machine it is asked for.

    `files` are what it has besides, by path, each with its media type; `head` stands in the page's head. A
    request below /silent/ is never answered.
    """

    def __init__(self) -> None:
        self._page, self._reports = b"", Queue[Any]()
        self._closed = threading.Event()
        self.files: dict[str, tuple[str, bytes]] = {}
        self.head = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_port

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/silent/"):
                    site._closed.wait(SECONDS)
                page = ("text/html; charset=utf-8", site._page if self.path == "/" else b"")
                self._answer(*site.files.get(self.path, page))

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == "/report":
                    site._reports.put(json.loads(sent))
                self._answer(*site.files.get(self.path, ("text/plain", b"")))

            def _answer(self, media_type: str, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Tests say what went wrong."""

        return Handler

    def serve(self) -> None:
        self._server.serve_forever()

    def close(self) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()

    def run(self, origin: str, script: str, given: Mapping[str, Any], profile: Path) -> Any:
        """What a page of this origin reports: `script` is the body of an async function of `given`."""
        self._page = f"""<!doctype html><title>test</title>{self.head}<script type="module">
          const run = async (given) => {{ {script} }};
          const report = await run({json.dumps(given)}).catch((error) => ({{ failed: String(error) }}));
          await fetch("/report", {{ method: "POST", body: JSON.stringify(report) }});
        </script>""".encode()
        with _browser(f"{origin}/", profile):
            return self._reports.get(timeout=SECONDS)


@contextmanager
def site() -> Iterator[Site]:
    """A site on a free port."""
    made = Site()
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.close()
        thread.join()


def arguments(profile: Path, *more: str) -> list[str]:
    """The command of a headless browser. Raises `AssertionError` where there is none."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    assert found is not None, f"this needs a browser: {' or '.join(BROWSERS)}"
    # Chromium's own sandbox does not start for root, as which containers of CI run.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [found, "--headless", "--disable-gpu", "--no-first-run", "--no-proxy-server", *as_root]
    return [*command, f"--user-data-dir={profile}", "--disable-dev-shm-usage", *more]


@contextmanager
def _browser(address: str, profile: Path) -> Iterator[None]:
    """A browser at a page. Raises `AssertionError` where there is none."""
    command = arguments(profile, address)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        try:
            yield
        finally:
            browser.kill()
