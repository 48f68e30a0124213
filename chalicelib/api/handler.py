"""One request, from its claims to its answer; every error becomes a problem document here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

import msgspec

from chalicelib.api import problems
from chalicelib.api.content_type import require_utf8
from chalicelib.api.messages import ApiRequest, ApiResponse
from chalicelib.api.operations import Operation, Operations
from chalicelib.api.routes import ROUTES
from chalicelib.auth.callers import identify, refuse_revealing
from chalicelib.auth.permissions import require_admitted
from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller
from chalicelib.errors import Restoring, RouteNotFound, TokenvaultError, Unauthenticated
from chalicelib.telemetry import RequestLog, Telemetry

if TYPE_CHECKING:
    from chalicelib.service.capture_sessions import CaptureSessions

_NAMES: Final = {(route.method, route.path): route.operation for route in ROUTES}
_STATUS: Final = {(route.method, route.path): route.status for route in ROUTES}
_BY_SESSION: Final = {(route.method, route.path) for route in ROUTES if route.takes_session}
_WHILE_RESTORING: Final = frozenset({"erase_token", "erase_person", "facts", "types"})
"""Routes that give out no value and no token, by which a restored vault is made fit again."""

_SERVERS_FAULT: Final = 500

_EXACT: Final = msgspec.json.Encoder(decimal_format="number")
"""Numbers of a JSON document are returned as numbers, with all their digits."""


@dataclass(frozen=True)
class Service:
    """What a function serves, and to whom.

    `takes_revealing` says whether an access token that can reveal, list or erase may come here. A vault that
    is `restoring` has erased tokens back as living ones, so nothing is revealed, found or made until they are
    erased again (`tokenvault restore reconcile`). `sessions` says who comes by a capture session; None where
    no route takes one.
    """

    policy: Policy
    operations: Operations
    takes_revealing: bool
    restoring: bool = False
    sessions: "CaptureSessions | None" = None

    def operation(self, request: ApiRequest) -> Operation:
        """The operation of a request's route.

        Raises `RouteNotFound` for another function's, or `Restoring`.
        """
        name = _NAMES.get((request.method, request.route), "")
        operation = self.operations.get(name)
        if operation is None:
            raise RouteNotFound("this function does not serve this route")
        if self.restoring and name not in _WHILE_RESTORING:
            raise Restoring("the vault was restored; it answers once what was erased since is erased again")
        return operation

    def caller(self, request: ApiRequest) -> Caller:
        """Who sends the request; one that may do nothing with it is `refused`. Raises `Unauthenticated` or
        `NotPermitted`, or what is under them; for a capture session also `KeyUnavailable`."""
        if self.sessions is not None and (request.method, request.route) in _BY_SESSION:
            return self.sessions.caller(request.capture_session, request.origin)
        claims = request.claims or {}
        caller = identify(claims, request.api_key_id, self.policy)
        return caller if self.takes_revealing else refuse_revealing(caller, claims)


def respond(request: ApiRequest, service: Callable[[], Service], telemetry: Telemetry) -> ApiResponse:
    """Answers a request. Never raises: an unforeseen error is a 500 that reveals nothing.

    `service` builds what is needed at the first request of a container. An error of building is
    answered like any other, and the next request builds again.
    """
    with telemetry.request(request.method, request.route, request.request_id) as log:
        try:
            answer = _answer(request, service, log)
        except TokenvaultError as error:
            log.failed(error)
            answer = problems.response(error, request.request_id)
        except Exception as error:  # noqa: BLE001  # the last line of defence: its text may quote a value
            log.unexpected(error)
            answer = problems.response(
                TokenvaultError("an unexpected error occurred; the log names its kind"), request.request_id
            )
        log.answered(answer.status)
        return answer


def _answer(request: ApiRequest, service: Callable[[], Service], log: RequestLog) -> ApiResponse:
    route = request.method, request.route
    if request.claims is None and route not in _BY_SESSION:
        raise Unauthenticated(
            "no verified access token; on a developer's machine `make up` starts a gateway that verifies them"
        )
    serving = service()
    operation = serving.operation(request)
    if request.body:
        require_utf8(request.content_type)
    caller = serving.caller(request)
    log.called_by(caller)
    body = operation(caller, request) if caller.refused is None else _refused(operation, caller, request)
    return ApiResponse(204, b"") if body is None else ApiResponse(_STATUS[route], _EXACT.encode(body))


def _refused(operation: Operation, caller: Caller, request: ApiRequest) -> NoReturn:
    """Has the operation put on record that this caller was refused, who is told nothing but that.

    Raises the refusal, or why it may not be on record.
    """
    try:
        operation(caller, request)
    except TokenvaultError as error:
        if error.status >= _SERVERS_FAULT:
            raise
    require_admitted(caller)
    raise AssertionError("a caller that is refused was admitted")
