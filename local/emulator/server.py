"""The emulator over HTTP: moto's server on loopback behind a token endpoint and an answer to "ready?"."""

import json
import signal
import sys
import threading
from collections.abc import Iterable
from typing import Any, BinaryIO, Final

from moto.core.config import default_user_config
from moto.moto_server import werkzeug_app
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

from local.emulator import MOTO_VERSION, SERVICES, install, oauth, sign_in_page
from local.emulator.origins import asks_for_tokens, asks_to_sign_in, comes_from_elsewhere, is_loopback
from local.emulator.patching import replace_value
from local.emulator.retries import AnsweredOnce, WSGIApplication
from local.emulator.unimplemented import create_app
from local.processes import wait_for_end

# The path is LocalStack's, so that programs that wait for the stack need not know which of the two it is.
READY_PATH: Final = "/_localstack/health"

_POLL_SECONDS: Final = 0.1

replace_value(
    werkzeug_app,
    "DISABLE_GLOBAL_CORS",
    True,
    why="moto lets every page in a browser on this machine read the account",
    seen_on="5.2.5",
)


def application(services: Iterable[str] = SERVICES) -> WSGIApplication:
    """The whole emulator as a WSGI application, for a server or for a test client."""
    install(services)
    return _Front(AnsweredOnce(werkzeug_app.DomainDispatcherApplication(create_app)))


class _Front:
    """Answers what moto's dispatcher cannot route, and hands everything else on."""

    def __init__(self, moto: WSGIApplication) -> None:
        self._moto = moto

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        for_pages = asks_to_sign_in(environ) or asks_for_tokens(environ)
        if comes_from_elsewhere(environ) and not for_pages:
            return _json(
                {"error": "the emulator answers programs on this machine, and no other origin"}, 403
            )(environ, start_response)
        path = environ.get("PATH_INFO", "")
        if path == oauth.PATH:
            # moto takes the Basic credentials for a signature and ends up in S3.
            return _token(Request(environ))(environ, start_response)
        if path == oauth.REVOKE_PATH:
            return _revoked(Request(environ))(environ, start_response)
        if path == sign_in_page.PATH:
            return sign_in_page.respond(Request(environ), oauth.SIGN_INS)(environ, start_response)
        if path == READY_PATH:
            return _json({"services": {}, "edition": f"moto {MOTO_VERSION}"})(environ, start_response)
        return self._moto(environ, start_response)


def _token(request: Request) -> Response:
    """Readable by pages of every origin, as Cognito's is; what `_revoked` answers is promised to none.

    https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
    """
    answer = _granted(request)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _granted(request: Request) -> Response:
    if request.method != "POST" or request.mimetype != "application/x-www-form-urlencoded":
        return _json({"error": "invalid_request"}, 400)
    try:
        return _json(oauth.answer(request.form, request.headers.get("Authorization")))
    except oauth.OAuthError as refused:
        return _json({"error": refused.code}, 400)


def _revoked(request: Request) -> Response:
    try:
        oauth.revoke(request.form, request.headers.get("Authorization"))
    except oauth.OAuthError as refused:
        return _json({"error": refused.code}, 400)
    return _json({})


def _json(body: dict[str, Any], status: int = 200) -> Response:
    # RFC 6749, section 5.1: an answer that holds an access token must not be stored.
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return Response(json.dumps(body), status, headers, mimetype="application/json")


class QuietHandler(werkzeug_app.MotoRequestHandler):
    """Writes no access log, and sends answers at once."""

    # An answer goes out as two small writes; with Nagle's algorithm the second one waits for the client's
    # delayed acknowledgement of the first.
    disable_nagle_algorithm = True

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """A line a request would bury the errors, which are still written."""


def listen(host: str, port: int, services: Iterable[str] = SERVICES) -> BaseWSGIServer:
    """A server that is bound and not serving yet; port 0 takes a free one (`server.server_port`).

    With fewer than all `services`, AWS's managed policies are left out as well.

    Raises:
        ValueError: the host is not a loopback address. Callers of the emulator are root in its account.
        OSError: the port is taken.
    """
    if not is_loopback(host):
        raise ValueError("host: the emulator has no access control, so it listens on loopback only")
    # A real account has AWS's managed policies; moto leaves them out, since they take a second to load.
    whole = tuple(services) == SERVICES
    default_user_config.setdefault("iam", {})["load_aws_managed_policies"] = whole
    return make_server(host, port, application(services), threaded=True, request_handler=QuietHandler)


def serve(
    host: str, port: int, services: Iterable[str] = SERVICES, while_open: BinaryIO | None = None
) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP, or until `while_open` ends.

    One line on stdout says that the emulator is ready and where.
    """
    server = listen(host, port, services)

    def stop(*_: object) -> None:
        # shutdown() waits for the serving loop, which runs in the thread that got the signal.
        threading.Thread(target=server.shutdown, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    if while_open is not None:
        threading.Thread(target=_end_with, args=(while_open, server), daemon=True).start()
    sys.stdout.write(f"emulator ready on http://{host}:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever(_POLL_SECONDS)


def _end_with(parent: BinaryIO, server: BaseWSGIServer) -> None:
    wait_for_end(parent)
    server.shutdown()
