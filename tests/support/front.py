"""API Gateway in front of both functions, in this process, reached through `requests`.

The gateway is that of `make run`, the functions are those of an emulated account. Only signatures and key
stores are left out: an access token is the name of a client, and opens whatever route it is sent to.
"""

import io
import json
import runpy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from chalice.config import Config
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

import app as table_of_contents
from chalicelib import wiring
from chalicelib.api.routes import ROUTES
from local.access_tokens import AccessTokenRefused
from local.gateway import Deployed, Gateway
from local.merged_api import MergedApi, Operation
from local.mock_integration import MockIntegration
from tests.support import policies
from tests.support.world import World

URL = "http://vault.invalid"
PACKAGING = Path(__file__).resolve().parents[2] / "terraform" / "packaging"


class _Api(MergedApi):
    """What the merge makes of `ROUTES` (tests/infrastructure), without packaging anything."""

    def __init__(self) -> None:
        responses = runpy.run_path(str(PACKAGING / "gateway_responses.py"))["gateway_responses"]()
        super().__init__({"locals": {"chalice_api": {"x-amazon-apigateway-gateway-responses": responses}}})

    def operation(self, method: str, route: str) -> Operation | None:
        for described in ROUTES:
            if (described.method, described.path) == (method, route):
                served = None if described.function == "gateway" else described.function
                alive = MockIntegration(200, {}, json.dumps(table_of_contents.health().body))
                return Operation(
                    scopes=frozenset(described.scopes),
                    authorizer=bool(described.scopes),
                    api_key=described.api_key,
                    function=served,
                    mock=None if served else alive,
                )
        return None


class _Tokens:
    """Takes the name of a client for its access token."""

    def verify(self, authorization: str | None, scopes: frozenset[str]) -> dict[str, str]:
        scheme, _, client = (authorization or "").partition(" ")
        if scheme != "Bearer" or client not in _clients():
            raise AccessTokenRefused
        return {
            "iss": policies.ISSUER,
            "client_id": f"id-of-{client}",
            "token_use": "access",
            "scope": " ".join(sorted(scopes)),
        }


@dataclass(frozen=True)
class _Function:
    """One of the functions; `become` makes this process's container the one of that function."""

    name: str
    become: Callable[[str], None]

    def invoke(self, event: Any) -> Any:
        self.become(self.name)
        handler = table_of_contents.app if self.name == "tokenize" else table_of_contents.reveal
        return handler(json.loads(json.dumps(event)), None)


class Front(HTTPAdapter):
    """A transport of `requests` that ends in this process."""

    def __init__(self, become: Callable[[str], None]) -> None:
        super().__init__()
        functions = {name: _Function(name, become) for name in ("tokenize", "reveal")}
        keys = {f"key-of-{client}": f"key-of-{client}" for client in _clients()}
        app = table_of_contents.app
        self._gateway = Gateway(
            app,
            Config.create(chalice_stage="local", chalice_app=app),
            Deployed(_Api, _Tokens(), lambda: keys, functions),
        )

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        body = request.body.encode() if isinstance(request.body, str) else request.body
        answer = self._gateway.handle_request(request.method, request.path_url, request.headers, body)
        raw = HTTPResponse(
            io.BytesIO(answer["body"].encode()),
            answer["headers"],
            answer["statusCode"],
            preload_content=False,
        )
        return self.build_response(request, raw)


def credentials(client: str) -> Mapping[str, str]:
    """The headers by which a client is known."""
    return {"Authorization": f"Bearer {client}", "x-api-key": f"key-of-{client}"}


@contextmanager
def session(account: World) -> Iterator[requests.Session]:
    """A session whose requests to `URL` meet the account's functions."""
    serving = {"function": "tokenize"}
    with pytest.MonkeyPatch.context() as patch, requests.Session() as made:
        patch.setattr(wiring, "service", lambda: account.services[serving["function"]])
        made.mount(URL, Front(lambda name: serving.update(function=name)))
        yield made


def _clients() -> list[str]:
    known = [name for clients in policies.CLIENTS.values() for name in clients]
    return [*policies.APPROVERS, *known, "migration", "clinic_migration", "mover", "clinic_mover"]
