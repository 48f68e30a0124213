"""Failures of AWS, injected around the calls of clients."""

import json
from collections.abc import Callable
from typing import Any, Literal

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from tests.support.world import Fault

Make = Callable[[], Exception]


def client_error(code: str, status: int, message: str = "injected") -> ClientError:
    """What botocore raises for an error answer of AWS."""
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "Injected")


KMS_PASSING: dict[str, Exception] = {
    "throttled": client_error("ThrottlingException", 400),
    "timeout inside": client_error("DependencyTimeoutException", 503),
    "internal": client_error("KMSInternalException", 500),
    "key not at hand": client_error("KeyUnavailableException", 500),
    "no connection": EndpointConnectionError(endpoint_url="https://kms.invalid"),
    "connect timeout": ConnectTimeoutError(endpoint_url="https://kms.invalid"),
    "read timeout": ReadTimeoutError(endpoint_url="https://kms.invalid"),
}
KMS_LASTING: dict[str, Exception] = {
    "denied": client_error("AccessDeniedException", 400),
    "disabled": client_error("DisabledException", 409),
    "pending deletion": client_error("KMSInvalidStateException", 409),
    "no key": client_error("NotFoundException", 400),
}
KMS_FAULTS = KMS_PASSING | KMS_LASTING

DYNAMODB_PASSING: dict[str, Exception] = {
    "throttled": client_error("ProvisionedThroughputExceededException", 400),
    "too many requests": client_error("ThrottlingException", 400),
    "internal": client_error("InternalServerError", 500),
    "unavailable": client_error("ServiceUnavailable", 503),
    "no connection": EndpointConnectionError(endpoint_url="https://dynamodb.invalid"),
    "read timeout": ReadTimeoutError(endpoint_url="https://dynamodb.invalid"),
}
DYNAMODB_LASTING: dict[str, Exception] = {
    "denied": client_error("AccessDeniedException", 400),
    "no table": client_error("ResourceNotFoundException", 400),
    "no index": client_error("ValidationException", 400),
}
DYNAMODB_FAULTS = DYNAMODB_PASSING | DYNAMODB_LASTING


def answered(kind: Literal["key", "store"], error: Exception) -> tuple[int, str]:
    """The status and code of a request that meets a fault of KMS or of DynamoDB."""
    lasts = error in [*KMS_LASTING.values(), *DYNAMODB_LASTING.values()]
    return (500, f"{kind}_refused") if lasts else (503, f"{kind}_unavailable")


def dumps(value: Any) -> str:
    """JSON of an item, whatever bytes it holds."""
    return json.dumps(value, default=lambda raw: bytes(raw).decode("latin-1"))


def failing(operation: str, error: Exception, times: int = 1_000_000) -> Fault:
    """Fails the next calls of one operation."""
    left = [times]

    def fault(name: str, parameters: dict[str, Any]) -> Exception | None:
        if name != operation or not left[0]:
            return None
        left[0] -= 1
        return error

    return fault
