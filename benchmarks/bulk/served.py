"""The local gateway in front of a function, with all that the tool needs to call it."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

import app as table_of_contents
from local import gateway
from local.access_tokens import AccessTokens
from local.dev import snapshot
from local.dev.cors import with_cors
from local.merged_api import MergedApi
from tests.support import policies

CLIENT: Final = "checkout"
API_KEY: Final = "an-api-key-of-the-benchmark"
_HOUR: Final = 3600


@dataclass(frozen=True)
class Served:
    """Where a function is served; `environment` is what the tool needs."""

    functions: Any
    environment: Mapping[str, str]


@contextmanager
def served(functions: gateway.Invoke) -> Iterator[Served]:
    """Gateway and token endpoint on free ports, until the end."""
    key = RSAKey.generate_key(2048, {"kid": "benchmark"})
    api = MergedApi(with_cors(snapshot.read()["api"]))
    deployed = gateway.Deployed(
        api=lambda: api,
        tokens=AccessTokens(policies.ISSUER, lambda: KeySet([key]).as_dict(private=False)),
        api_keys=lambda: {API_KEY: f"key-of-{CLIENT}"},
        functions={"tokenize": functions},
    )
    server = gateway.serve(table_of_contents.app, deployed, "127.0.0.1", 0)
    server.start()
    try:
        with _token_endpoint(key) as token_url:
            yield Served(
                functions,
                {
                    "TOKENVAULT_URL": f"http://127.0.0.1:{server.port}",
                    "TOKENVAULT_TOKEN_URL": token_url,
                    "TOKENVAULT_CLIENT_ID": f"id-of-{CLIENT}",
                    "TOKENVAULT_CLIENT_SECRET": "a-secret-of-the-benchmark",
                    "TOKENVAULT_API_KEY": API_KEY,
                },
            )
    finally:
        server.stop()


@contextmanager
def _token_endpoint(key: RSAKey) -> Iterator[str]:
    """Gives an access token to whoever asks: this machine's own benchmark."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            body = json.dumps(_granted(key, asked.get("scope", ["vault/tokenize"])[0])).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # the base class's name
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/oauth2/token"
    finally:
        server.shutdown()
        server.server_close()


def _granted(key: RSAKey, scope: str) -> dict[str, Any]:
    claims = {
        "iss": policies.ISSUER,
        "client_id": f"id-of-{CLIENT}",
        "token_use": "access",
        "scope": scope,
        "exp": int(time.time()) + _HOUR,
    }
    token = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
    return {"access_token": token, "token_type": "Bearer", "expires_in": _HOUR}
