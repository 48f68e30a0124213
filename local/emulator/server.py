"""The emulator over HTTP: moto's server on loopback, with a token endpoint and a readiness answer in front of it."""

import ipaddress
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

from local.emulator import MOTO_VERSION, install

WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]

# The path is LocalStack's, so that whoever waits for the stack need not know which of the two it is.
READY_PATH: Final = "/_localstack/health"

# moto reads these when it is imported: managed IAM policies exist as in a real account, and no page in a browser on
# this machine may read what the emulator answers.
_MOTO_SETTINGS: Final = {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "MOTO_DISABLE_GLOBAL_CORS": "true"}


def application() -> WSGIApplication:
    """The whole emulator as a WSGI application, for a server or for a test client."""
    for name, value in _MOTO_SETTINGS.items():
        os.environ.setdefault(name, value)
    install()
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    return _Front(DomainDispatcherApplication(create_backend_app))


class _Front:
    """Answers what moto's dispatcher cannot route, and hands everything else on."""

    def __init__(self, moto: WSGIApplication) -> None:
        from local.emulator import oauth

        self._moto = moto
        self._oauth = oauth

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == self._oauth.PATH:
            # moto takes the Basic credentials for a signature and ends up in S3.
            return self._token(Request(environ))(environ, start_response)
        if path == READY_PATH:
            return _json({"services": {}, "edition": f"moto {MOTO_VERSION}"})(environ, start_response)
        return self._moto(environ, start_response)

    def _token(self, request: Request) -> Response:
        if request.method != "POST" or request.mimetype != "application/x-www-form-urlencoded":
            return _json({"error": "invalid_request"}, 400)
        try:
            body = self._oauth.answer(request.form, request.headers.get("Authorization"))
        except self._oauth.OAuthError as refused:
            return _json({"error": refused.code}, 400)
        return _json(body)


def _json(body: dict[str, Any], status: int = 200) -> Response:
    # RFC 6749, section 5.1: an answer that holds an access token must not be stored.
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return Response(json.dumps(body), status, headers, mimetype="application/json")


def listen(host: str, port: int) -> BaseWSGIServer:
    """A server that is bound and not serving yet; port 0 takes a free one (`server.server_port`).

    Raises:
        ValueError: the host is not a loopback address. Whoever reaches the emulator is root in its account.
    """
    if not is_loopback(host):
        raise ValueError("host: the emulator has no access control, so it listens on loopback only")
    app = application()
    from local.emulator.http import QuietHandler

    return make_server(host, port, app, threaded=True, request_handler=QuietHandler)


def is_loopback(host: str) -> bool:
    """Whether a name or an address reaches this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; one line on stdout says that the emulator is ready and where."""
    server = listen(host, port)

    def stop(signum: int, frame: object) -> None:
        # shutdown() waits for the serving loop, which is this very thread.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    sys.stdout.write(f"emulator ready on http://{host}:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
