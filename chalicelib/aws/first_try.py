"""The first try of a call by the shortest way; everything except a plain answer is left to botocore.

botocore prepares each try for all that any of its services might need. Nearly every call succeeds at
once, and for DynamoDB and KMS that takes four steps: sign, send, check, parse.
"""

import zlib
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest
from botocore.endpoint import convert_to_response_dict
from botocore.parsers import create_parser

from chalicelib.aws.signature import Signer, bare_host

_CAME_OF_IT: Final = "tokenvault_first_try"


class FirstTry:
    """Two handlers of a client's events.

    `before_call` sends the request, and a plain answer to it ends the call. Anything else, an error or a
    broken connection, goes into the call's context, where `before_send` finds it and hands it to botocore
    as what came of *its* first try. So how often is tried, after which wait, and what is raised in the end
    stay botocore's.
    """

    def __init__(self, client: Any) -> None:
        self._events, self._service = client.meta.events, client.meta.service_model.service_id.hyphenize()
        self._session, self._credentials = client._endpoint.http_session, client._request_signer._credentials
        self._signer = Signer(client.meta.region_name, client.meta.service_model.signing_name)
        self._parser = create_parser(client.meta.service_model.resolved_protocol)

    def register(self) -> None:
        """Takes part in the client's calls from now on, after all other handlers that may change them."""
        self._events.register_last("before-call", self.before_call)
        self._events.register_first(f"before-send.{self._service}", self.before_send)

    def before_call(
        self, model: Any, params: dict[str, Any], context: dict[str, Any], **_: Any
    ) -> tuple[Any, Any] | None:
        """The answer, raw and parsed, if it is a plain one."""
        host = bare_host(params["url"])
        if host is None or self._credentials is None or "signing" in context:
            # `signing`: the endpoint wants another scope than the client's own, as DynamoDB's local one does.
            return None
        request = self._signed(host, params, context)
        try:
            answer = self._send(model, request)
        except Exception as error:  # noqa: BLE001  # as botocore does, which then tries again or raises it
            context[_CAME_OF_IT] = error
            return None
        if answer.status_code != 200 or not _is_whole(answer):
            context[_CAME_OF_IT] = answer
            return None
        return answer, self._parser.parse(convert_to_response_dict(answer, model), model.output_shape)

    def before_send(self, request: Any, **_: Any) -> Any:
        """What came of the first try, for the first try only: its answer, or its error raised."""
        came_of_it = request.context.pop(_CAME_OF_IT, None)
        if isinstance(came_of_it, Exception):
            raise came_of_it
        return came_of_it

    def _signed(self, host: str, params: dict[str, Any], context: dict[str, Any]) -> AWSPreparedRequest:
        body = params["body"]
        headers = self._signer.signed(
            host, params["headers"], body, self._credentials.get_frozen_credentials()
        )
        headers["Content-Length"] = str(len(body))
        return AWSPreparedRequest("POST", params["url"], headers, body, stream_output=False, context=context)

    def _send(self, model: Any, request: AWSPreparedRequest) -> Any:
        """Sends the request, unless a handler (an emulator, a test) answers it.

        If that was no plain answer, botocore asks the handler again; it never asks AWS again.
        """
        _, answer = self._events.emit_until_response(
            f"before-send.{self._service}.{model.name}", request=request
        )
        return self._session.send(request) if answer is None else answer


def _is_whole(answer: Any) -> bool:
    """Whether DynamoDB's checksum of its answer holds, if there is one."""
    checksum = answer.headers.get("x-amz-crc32")
    return checksum is None or int(checksum) == zlib.crc32(answer.content)
