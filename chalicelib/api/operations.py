"""What carries out a route: JSON in, JSON out. Each function has modules of its own for those it serves."""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.api.body_fields import MAX_TOKEN
from chalicelib.api.messages import ApiRequest
from chalicelib.caller import Caller

Operation = Callable[[Caller, ApiRequest], Any]
"""Carries out a request of a caller and returns the body of the answer, None if it has none."""

Operations = Mapping[str, Operation]
"""Operations by the name of their route."""


def path_token(request: ApiRequest) -> str:
    """The token of a path, cut just over the length of the longest token: DynamoDB refuses keys of more
    than 2,048 bytes, and that would look like an outage."""
    return request.path_parameters["token"][: MAX_TOKEN + 1]
