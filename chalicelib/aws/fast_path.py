"""The fast path: the first try of a call without botocore; everything except a plain answer is left to it.

botocore prepares each call for all that any of its services might need. Nearly every call succeeds at
once, and for DynamoDB and KMS that takes five steps: JSON, sign, send, check, parse. Nothing depends on this:
`TOKENVAULT_FAST_PATH=off` leaves it out.
"""

import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from botocore.awsrequest import AWSPreparedRequest
from botocore.endpoint import convert_to_response_dict
from botocore.handlers import add_recursion_detection_header
from botocore.parsers import create_parser

from chalicelib.aws.answers import parse_dynamodb
from chalicelib.aws.retry_quota import GoodAnswers
from chalicelib.aws.signature import Signer, bare_host

_CAME_OF_IT: Final = "tokenvault_fast_path"
_TRACE: Final = "X-Amzn-Trace-Id"
_ALWAYS_ALIKE: Final = frozenset({"Content-Type", "User-Agent", "X-Amz-Target"})


@dataclass(frozen=True)
class _Operation:
    """What all calls of an operation have in common, as botocore made it: a request without its body."""

    model: Any
    url: str
    host: str
    headers: tuple[tuple[str, str], ...]


class FastPath:
    """Stands between a client and botocore's way of making a call.

    The first call of an operation is prepared by botocore, and what it made is kept (`before_call`). Every
    call is then sent from here, and a plain answer ends it. Anything else, an error or a broken connection,
    goes to botocore with the call itself, where `before_send` hands it over as what came of *its* first try.
    So how often is tried, after which wait, and what is raised in the end stay botocore's.
    """

    def __init__(self, client: Any) -> None:
        self._client, self._make_call = client, client._make_api_call
        self._events, self._service = client.meta.events, client.meta.service_model.service_id.hyphenize()
        self._session, self._credentials = client._endpoint.http_session, client._request_signer._credentials
        self._signer = Signer(client.meta.region_name, client.meta.service_model.signing_name)
        self._parser = create_parser(client.meta.service_model.resolved_protocol)
        self._good_answers = GoodAnswers(client)
        self._known: dict[str, _Operation] = {}
        self._thread = threading.local()

    def register(self) -> None:
        """Takes part in the client's calls from now on, after all other handlers that may change them."""
        self._client._make_api_call = self.call
        self._good_answers.register()
        self._events.register_last("before-call", self.before_call)
        self._events.register_first(f"before-send.{self._service}", self.before_send)

    def call(self, name: str, asked: dict[str, Any]) -> Any:
        """One call of a client, as botocore's `_make_api_call`: its parsed answer, or the error raised."""
        operation = self._known.get(name)
        body = None if operation is None else request_body(asked)
        if operation is None or body is None:
            return self._make_call(name, asked)
        came_of_it = self._try(operation, body)
        if _is_plain(came_of_it):
            parsed = self._parsed(operation.model, came_of_it)
            self._good_answers.tell(operation.model, came_of_it, parsed)
            return parsed
        self._thread.came_of_it = came_of_it
        try:
            return self._make_call(name, asked)
        finally:
            self._thread.came_of_it = None

    def before_call(
        self, model: Any, params: dict[str, Any], context: dict[str, Any], **_: Any
    ) -> tuple[Any, Any] | None:
        """The answer, raw and parsed, of an operation's first call, if it is a plain one."""
        came_of_it = getattr(self._thread, "came_of_it", None)
        if came_of_it is None:
            # `signing`: the endpoint wants another scope than the client's own, as DynamoDB's local one does.
            operation = None if "signing" in context else self._learnt(model, params)
            if operation is None or self._credentials is None:
                return None
            came_of_it = self._try(operation, params["body"])
            if _is_plain(came_of_it):
                return came_of_it, self._parsed(model, came_of_it)
        context[_CAME_OF_IT] = came_of_it
        return None

    def before_send(self, request: Any, **_: Any) -> Any:
        """What came of the first try, for the first try only: its answer, or its error raised."""
        came_of_it = request.context.pop(_CAME_OF_IT, None)
        if isinstance(came_of_it, Exception):
            raise came_of_it
        return came_of_it

    def _learnt(self, model: Any, params: dict[str, Any]) -> _Operation | None:
        """What botocore made of a call, kept for the next ones; None for what is more than body and address.

        An operation with a token that botocore draws for each call has more to it than this.
        """
        headers = {name: text for name, text in params["headers"].items() if name != _TRACE}
        host = bare_host(params["url"])
        if host is None or headers.keys() != _ALWAYS_ALIKE or model.idempotent_members:
            return None
        operation = _Operation(model, params["url"], host, tuple(headers.items()))
        if self._credentials is not None:
            self._known[model.name] = operation
        return operation

    def _try(self, operation: _Operation, body: bytes) -> Any:
        """What came of sending a request: its answer, or the error."""
        request = self._signed(operation, body)
        try:
            return self._send(operation.model, request)
        except Exception as error:  # noqa: BLE001  # as botocore does, which then tries again or raises it
            return error

    def _signed(self, operation: _Operation, body: bytes) -> AWSPreparedRequest:
        by = self._credentials.get_frozen_credentials()
        headers = self._signer.signed(operation.host, operation.headers, body, by)
        headers["Content-Length"] = str(len(body))
        # The trace of the request at hand; it is not signed.
        add_recursion_detection_header({"headers": headers})
        return AWSPreparedRequest("POST", operation.url, headers, body, stream_output=False, context={})

    def _send(self, model: Any, request: AWSPreparedRequest) -> Any:
        """Sends the request, unless a handler (an emulator, a test) answers it.

        If that was no plain answer, botocore asks the handler again; it never asks AWS again.
        """
        _, answer = self._events.emit_until_response(
            f"before-send.{self._service}.{model.name}", request=request
        )
        return self._session.send(request) if answer is None else answer

    def _parsed(self, model: Any, answer: Any) -> Any:
        with suppress(ValueError):
            if self._service == "dynamodb":
                return parse_dynamodb(answer.content)
        return self._parser.parse(convert_to_response_dict(answer, model), model.output_shape)


def request_body(asked: dict[str, Any]) -> bytes | None:
    """A request's body: DynamoDB and KMS take requests as they are, bytes in base64.

    None for what has no UTF-8, which botocore sends escaped, and for what is no JSON by itself.
    """
    try:
        return msgspec.json.encode(asked)
    except (TypeError, ValueError):
        return None


def _is_plain(came_of_it: Any) -> bool:
    """Whether it is an answer, a good one, and DynamoDB's checksum of it holds, if there is one."""
    if isinstance(came_of_it, Exception) or came_of_it.status_code != 200:
        return False
    checksum = came_of_it.headers.get("x-amz-crc32")
    return checksum is None or int(checksum) == zlib.crc32(came_of_it.content)
