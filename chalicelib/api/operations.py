"""Which use case each route carries out, by function: JSON in, JSON out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.api.bodies import DetokenizeBody, TokenizeBody, facts_body, read, result_body, type_body
from chalicelib.api.messages import ApiRequest
from chalicelib.auth.policy import Policy
from chalicelib.model import Caller
from chalicelib.sensitive import Sensitive
from chalicelib.service.revealer import DetokenizeRequest, Revealer
from chalicelib.service.tokenizer import TokenizeItem, Tokenizer
from chalicelib.telemetry import Telemetry

Operation = Callable[[Caller, ApiRequest], Any]
"""Carries out a request of a caller and returns the body of the answer."""

Operations = Mapping[tuple[str, str], Operation]
"""Operations by method and route."""


def tokenizing(tokenizer: Tokenizer, telemetry: Telemetry) -> Operations:
    """What the tokenizing function serves."""

    def tokenize(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, TokenizeBody)
        items = [TokenizeItem(item.type, Sensitive(item.value), item.ttl_seconds) for item in body.items]
        results = tokenizer.tokenize(caller, items)
        telemetry.tokenized(results)
        return _results(results)

    def facts(caller: Caller, request: ApiRequest) -> Any:
        return facts_body(tokenizer.facts(caller, request.path_parameters["token"]))

    return {("POST", "/v1/tokenize"): tokenize, ("GET", "/v1/tokens/{token}"): facts}


def revealing(revealer: Revealer, policy: Policy, telemetry: Telemetry) -> Operations:
    """What the revealing function serves."""

    def detokenize(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, DetokenizeBody)
        tokens = tuple(item.token for item in body.items)
        results = revealer.detokenize(
            caller, DetokenizeRequest(tokens, body.reveal, body.purpose, request.request_id)
        )
        telemetry.revealed(results, body.reveal)
        return _results(results)

    def types(caller: Caller, request: ApiRequest) -> Any:
        return {"types": [type_body(policy.types[name]) for name in sorted(caller.types)]}

    return {("POST", "/v1/detokenize"): detokenize, ("GET", "/v1/types"): types}


def _results(results: Sequence[Any]) -> dict[str, Any]:
    return {"results": [result_body(result) for result in results]}
