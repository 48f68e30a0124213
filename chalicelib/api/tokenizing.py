"""What the tokenizing function serves: JSON in, JSON out."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chalicelib.api.bodies import (
    ImportBody,
    ImportItemBody,
    SearchBody,
    SearchItemBody,
    TokenizeBody,
    TokenizeItemBody,
    facts_body,
    result_body,
)
from chalicelib.api.messages import ApiRequest
from chalicelib.api.operations import Operations, path_token
from chalicelib.api.reading import read, read_items
from chalicelib.auth.policy import Policy
from chalicelib.caller import Caller
from chalicelib.errors import InvalidValue
from chalicelib.model import TokenFacts
from chalicelib.sensitive import Sensitive
from chalicelib.service.accepting import ImportItem, TokenizeItem, ValueItem
from chalicelib.service.importer import Importer
from chalicelib.service.requests import RequestKey
from chalicelib.service.searcher import Searcher
from chalicelib.service.tokenizer import Tokenizer
from chalicelib.telemetry import Telemetry

_ATTACHING: Final = (
    "token: a subject is given along with a value, and cannot be attached to a token later; detokenize it, "
    "tokenize the value with the subject, put the new token in its place, then erase the old one"
)
"""What is sealed without a subject's secret would stay open when the subject is erased."""


def tokenizing(
    tokenizer: Tokenizer, importer: Importer, searcher: Searcher, policy: Policy, telemetry: Telemetry
) -> Operations:
    """What the tokenizing function serves."""

    def tokenize(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, TokenizeBody)
        read_as = zip(body.items, read_items(body.items, TokenizeItemBody), strict=True)
        items = [_tokenize_item(given, item) for given, item in read_as]
        results = tokenizer.tokenize(caller, items, request.request_id, _request_key(request))
        telemetry.tokenized(results, sum(is_deterministic(policy, result) for result in results))
        return _results(results)

    def import_tokens(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, ImportBody)
        items = [_import_item(item) for item in read_items(body.items, ImportItemBody)]
        results = importer.take_in(caller, items, request.request_id, _request_key(request))
        telemetry.imported(results)
        return _results(results)

    def search(caller: Caller, request: ApiRequest) -> Any:
        body = read(request.body, SearchBody)
        items = [_search_item(item) for item in read_items(body.items, SearchItemBody)]
        results = searcher.search(caller, items, request.request_id)
        telemetry.searched(results)
        return _results(results)

    def facts(caller: Caller, request: ApiRequest) -> Any:
        return facts_body(tokenizer.facts(caller, path_token(request)))

    return {"tokenize": tokenize, "import_tokens": import_tokens, "search": search, "facts": facts}


def is_deterministic(policy: Policy, result: object) -> bool:
    """Whether a result is a token that says whether two values are equal."""
    return isinstance(result, TokenFacts) and policy.types[result.type].mode == "deterministic"


def _tokenize_item(given: Any, item: TokenizeItemBody | InvalidValue) -> TokenizeItem | InvalidValue:
    if isinstance(item, InvalidValue):
        attaches = isinstance(given, Mapping) and {"token", "subject"} <= set(given)
        return InvalidValue(_ATTACHING) if attaches else item
    return TokenizeItem(item.type, Sensitive(item.value), item.subject, item.ttl_seconds, item.metadata)


def _import_item(item: ImportItemBody | InvalidValue) -> ImportItem | InvalidValue:
    if isinstance(item, InvalidValue):
        return item
    value, limits = Sensitive(item.value), (item.ttl_seconds, item.metadata)
    return ImportItem(item.type, value, item.subject, *limits, token=item.token)


def _search_item(item: SearchItemBody | InvalidValue) -> ValueItem | InvalidValue:
    if isinstance(item, InvalidValue):
        return item
    return ValueItem(item.type, Sensitive(item.value), item.subject)


def _request_key(request: ApiRequest) -> RequestKey | None:
    key = request.idempotency_key
    return None if key is None else RequestKey(key, Sensitive(request.body))


def _results(results: Sequence[Any]) -> dict[str, Any]:
    return {"results": [result_body(result) for result in results]}
