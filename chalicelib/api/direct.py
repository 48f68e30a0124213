"""Requests that come by an invocation of Lambda in place of API Gateway: those of the module `bulk`.

A function that takes batches in, or gives exports out, acts for one client, which Terraform names; who
invokes it names none. So its invoker can tokenize or import as that client, or export as the other, and can
neither search, nor open a capture session, nor reveal a token, nor be another client, which the events of API
Gateway would let it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.api.handler import Service, respond
from chalicelib.api.messages import ApiRequest
from chalicelib.auth.callers import acting
from chalicelib.caller import Caller
from chalicelib.errors import NotPermitted
from chalicelib.model import Action
from chalicelib.telemetry import Telemetry


@dataclass(frozen=True)
class Direction:
    """What a function is there for: the routes by what an event calls them, and the actions they need."""

    routes: Mapping[str, str]
    actions: frozenset[Action]


IN: Final = Direction({"tokenize": "/v1/tokenize", "import": "/v1/import"}, frozenset({"tokenize", "import"}))
OUT: Final = Direction(
    {"begin_export": "/v1/exports", "export_page": "/v1/exports/pages"}, frozenset({"export"})
)


@dataclass(frozen=True)
class ClientService(Service):
    """What a function serves to one client, `tenant`/`client` of the policy."""

    tenant: str = ""
    client: str = ""
    actions: frozenset[Action] = frozenset()

    def caller(self, request: ApiRequest) -> Caller:
        """The client, within the actions of the function. Raises `NotPermitted` if there is none such."""
        client = self.policy.client(self.tenant, self.client)
        if client is None or client.kind != "service":
            raise NotPermitted("the policy does not know the client that this function acts for")
        return acting(client, client.actions & self.actions)


def serving(service: Service, address: str, direction: Direction = IN) -> ClientService:
    """The same, for the client of that address (`tenant/client`) alone."""
    tenant, _, client = address.partition("/")
    return ClientService(
        service.policy,
        service.operations,
        takes_revealing=False,
        restoring=service.restoring,
        tenant=tenant,
        client=client,
        actions=direction.actions,
    )


def answer(
    event: Mapping[str, Any],
    request_id: str,
    service: Callable[[], Service],
    telemetry: Telemetry,
    direction: Direction = IN,
) -> dict[str, Any]:
    """The answer to `{"operation": ..., "body": ..., "idempotency_key": ...}`: HTTP status, type and body.

    The operation is one of the direction's, the body the text of that route's. Never raises; an event of any
    other shape is answered like a route that is not there, or a body that is no JSON.
    """
    body, key = event.get("body"), event.get("idempotency_key")
    request = ApiRequest(
        method="POST",
        route=direction.routes.get(str(event.get("operation")), "/"),
        path_parameters={},
        body=body.encode(errors="surrogatepass") if isinstance(body, str) else b"",
        claims={},
        api_key_id=None,
        request_id=request_id,
        idempotency_key=key if isinstance(key, str) else None,
    )
    answered = respond(request, service, telemetry)
    return {
        "status": answered.status,
        "content_type": answered.content_type,
        "body": answered.body.decode(),
    }
