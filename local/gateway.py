"""API Gateway on loopback: Chalice's local gateway, with the checks that Chalice leaves out.

Plain `chalice local` lets everything pass: no access token, any scope, no API key. Here a request
reaches a function only as it would in AWS, with verified claims and the id of its API key.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from chalice.config import Config
from chalice.local import LocalGateway

from local.access_tokens import AccessTokenRefused, AccessTokens
from local.container import FunctionCrashError, FunctionTimeoutError
from local.http_server import HttpServer
from local.merged_api import MergedApi, Operation, Refusal
from local.throttle import Throttle

MAX_BODY_BYTES: Final = 10 * 1024 * 1024
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""

Event = dict[str, Any]


class Invoke(Protocol):
    """Something that runs a function: `local.container.Pool`."""

    def invoke(self, event: Any) -> Any: ...


class Refused(Exception):  # a verdict, not a failure
    """API Gateway answers by itself, with the gateway response of this kind."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Deployed:
    """What the gateway stands in front of. `api` gives the API as it is deployed at the moment, and
    `api_keys` the ids of valid keys by key.

    Without a `throttle`, a key is good for any number of requests.
    """

    api: Callable[[], MergedApi]
    tokens: AccessTokens
    api_keys: Callable[[], Mapping[str, str]]
    functions: Mapping[str, Invoke]
    throttle: Throttle | None = None


class Gateway(LocalGateway):
    """Decides as API Gateway does, then hands the event to the function that the integration names."""

    def __init__(self, app: Any, config: Config, deployed: Deployed) -> None:
        super().__init__(app, config)
        self._deployed = deployed

    def handle_request(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Any:
        """The answer to one request, as a Lambda proxy integration gives it."""
        request_id = str(uuid.uuid4())
        try:
            return self._handle(method, path, headers, body or b"", request_id)
        except Refused as refused:
            lower = {name.lower(): text for name, text in headers.items()}
            refusal = self.refusal(refused.kind, request_id, lower)
            return _response(refusal.status, refusal.headers, refusal.body)

    def refusal(self, kind: str, request_id: str, headers: Mapping[str, str]) -> Refusal:
        """An answer that API Gateway makes by itself, to a request with these headers."""
        return self._deployed.api().refusal(kind, request_id, headers)

    def _handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, request_id: str
    ) -> Any:
        api = self._deployed.api()
        if any(name.lower() == "origin" and api.keeps_out(text) for name, text in headers.items()):
            raise Refused("WAF_FILTERED")
        event = self._event(method, path, headers, body, request_id)
        operation = api.operation(method, event["requestContext"]["resourcePath"])
        if operation is None:
            raise Refused("MISSING_AUTHENTICATION_TOKEN")
        self._authorize(operation, event)
        if operation.mock is not None:
            return operation.mock.answer(event["headers"])
        assert operation.function is not None
        if len(body) > MAX_BODY_BYTES:
            raise Refused("REQUEST_TOO_LARGE")
        return self._invoke(operation.function, event)

    def _event(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, request_id: str
    ) -> Event:
        try:
            event: Event = self._generate_lambda_event(method, path, dict(headers), None)
        except ValueError:
            raise Refused("MISSING_AUTHENTICATION_TOKEN") from None
        # API Gateway hands text on; what is no UTF-8 arrives with replacement characters.
        event["body"] = body.decode(errors="replace") if body else None
        event["isBase64Encoded"] = False
        event["requestContext"] |= {"requestId": request_id, "stage": "live"}
        return event

    def _authorize(self, operation: Operation, event: Event) -> None:
        """First the access token, then the API key, as API Gateway does."""
        headers, context = event["headers"], event["requestContext"]
        if operation.authorizer:
            try:
                claims = self._deployed.tokens.verify(headers.get("authorization"), operation.scopes)
            except AccessTokenRefused as refused:
                raise Refused("EXPIRED_TOKEN" if refused.expired else "UNAUTHORIZED") from None
            context["authorizer"] = {"claims": claims}
        if operation.api_key:
            key = headers.get("x-api-key", "")
            key_id = self._deployed.api_keys().get(key)
            if key_id is None:
                raise Refused("INVALID_API_KEY")
            self._count(key_id)
            context["identity"] |= {"apiKey": key, "apiKeyId": key_id}

    def _count(self, key_id: str) -> None:
        """One request more for a key's usage plan."""
        if self._deployed.throttle is not None and (kind := self._deployed.throttle.refuses(key_id)):
            raise Refused(kind)

    def _invoke(self, function: str, event: Event) -> Any:
        try:
            return self._deployed.functions[function].invoke(event)
        except FunctionTimeoutError:
            raise Refused("INTEGRATION_TIMEOUT") from None
        except FunctionCrashError:
            raise Refused("INTEGRATION_FAILURE") from None


def serve(app: Any, deployed: Deployed, host: str, port: int) -> HttpServer:
    """A server that is bound and ready to `start`. Raises `OSError` when the port is taken."""
    config = Config.create(chalice_stage="local", chalice_app=app)
    return HttpServer(Gateway(app, config, deployed), host, port)


def _response(status: int, headers: dict[str, str], body: str) -> dict[str, Any]:
    return {"statusCode": status, "headers": headers, "multiValueHeaders": {}, "body": body}
