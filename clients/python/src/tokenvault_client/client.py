"""The client: one method a route."""

import os
import re
import secrets
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from tokenvault_client import batches, problems, results, tls
from tokenvault_client.access_tokens import ANY, AccessTokens, AccessTokenSource
from tokenvault_client.calls import Call
from tokenvault_client.deadlines import Deadline
from tokenvault_client.errors import ConfigurationError, Unavailable
from tokenvault_client.http import HttpTransport, Response
from tokenvault_client.parsing import load_json
from tokenvault_client.results import (
    DetokenizeResult,
    InfoType,
    ItemError,
    Reveal,
    SearchItem,
    SignedReceipt,
    SubjectTokens,
    TokenFacts,
    TokenizeItem,
    TokenizeResult,
)
from tokenvault_client.retries import Retries, never
from tokenvault_client.sending import json_bytes, segment, with_items
from tokenvault_client.settings import Settings
from tokenvault_client.token_cache import TokenCache
from tokenvault_client.version import USER_AGENT

PEOPLE: Final = "/people"
"""The routes of people, who have no API key."""

TIMEOUT_SECONDS: Final = 30.0
"""About as long as API Gateway waits for a function."""

_KEY_BYTES: Final = 24
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{22,112}")
"""What the service takes, less the room that the number of a batch needs."""

Result = TypeVar("Result")
Parse = Callable[[Mapping[str, Any]], Result]


class Client:
    """A client of a tokenvault service. Safe to use from several threads and after a fork.

    Every call may be sent more than once, and none does harm by it: tokenizing goes under an
    `Idempotency-Key`, the others change nothing or the same once more.

    All methods raise `Refused` (and what is under it) if the service refused the request as a whole, and
    `Unavailable` if it did not answer, retries included. Methods that take many items report the failure
    of a single item as an `ItemError` in its place.

    `timeout_seconds` is how long a call takes at most: its access token, its attempts and the waits between
    them. A method with more than a hundred items makes several requests; each has this time for itself, and
    none is begun after one has failed. `parallel` is how many of them go out at the same time.

    `ssl_context` replaces the one that the settings' client certificate makes. `access_tokens` are those of a
    person who signed in, for settings that say so.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        retries: Retries | None = None,
        parallel: int = 4,
        timeout_seconds: float = TIMEOUT_SECONDS,
        ssl_context: ssl.SSLContext | None = None,
        access_tokens: AccessTokenSource | None = None,
    ) -> None:
        if not timeout_seconds > 0 or parallel < 1:
            raise ConfigurationError("timeout_seconds must be more than 0, and parallel at least 1")
        self._settings, self._retries, self._parallel = settings, retries or Retries(), parallel
        self._timeout = timeout_seconds
        context = ssl_context or tls.context_for(settings)
        api_url = f"{settings.url.rstrip('/')}{PEOPLE}" if settings.for_person else settings.url
        self._api, self._token_endpoint = (
            HttpTransport(url, timeout_seconds, context, settings.proxy_for(url))
            for url in (api_url, settings.token_url)
        )
        cache = TokenCache(Path(settings.token_cache), settings) if settings.token_cache else None
        self._access_tokens = access_tokens or AccessTokens(
            settings, self._token_endpoint, self._retries, cache=cache
        )

    @classmethod
    def from_env(
        cls,
        environment: Mapping[str, str] | None = None,
        *,
        retries: Retries | None = None,
        parallel: int = 4,
        timeout_seconds: float = TIMEOUT_SECONDS,
        ssl_context: ssl.SSLContext | None = None,
    ) -> Self:
        """A client from the `TOKENVAULT_…` variables of an environment, by default the process's own.

        The other arguments are those of the class. Raises `ConfigurationError`.
        """
        settings = Settings.from_env(os.environ if environment is None else environment)
        return cls(
            settings,
            retries=retries,
            parallel=parallel,
            timeout_seconds=timeout_seconds,
            ssl_context=ssl_context,
        )

    def tokenize(
        self, items: Iterable[TokenizeItem], *, idempotency_key: str | None = None
    ) -> list[TokenizeResult]:
        """A token for each value, in order.

        A request is sent again, whole and under the same key, also if only some of its items met a
        failure that passes: the others keep their tokens. To have the same random tokens after a crash of
        your process, give a key (22 to 112 of A-Z a-z 0-9 _ -, at least 128 bits of it random) that was
        stored before, with the same items in the same order.
        """
        key = idempotency_key or secrets.token_urlsafe(_KEY_BYTES)
        if not _KEY.fullmatch(key):
            raise ConfigurationError("the idempotency key must be 22 to 112 of A-Z a-z 0-9 _ and -")

        def request(name: str, batch: Sequence[bytes]) -> list[TokenizeResult]:
            named = key if name == "0" else f"{key}-{name}"
            call = Call("POST", "/v1/tokenize", {"tokenize"}, with_items(batch, {}), named)
            return _aligned(self._json(call), len(batch), results.token_facts)

        return batches.run((json_bytes(item.body()) for item in items), request, self._parallel)

    def detokenize(
        self,
        tokens: Iterable[str],
        *,
        purpose: str | None = None,
        reveal: Reveal = "full",
        on_behalf_of: str | None = None,
    ) -> list[DetokenizeResult]:
        """The value of each token, or its mask, in order. Each is on record, also when asked for again.

        `on_behalf_of` says for whom this client asks, where the policy takes its word; it is on record too.
        """
        actions = {"detokenize"} if reveal == "full" else {"detokenize", "detokenize.masked"}
        stated = results.given(purpose=purpose, on_behalf_of=on_behalf_of)

        def request(name: str, batch: Sequence[bytes]) -> list[DetokenizeResult]:
            body = with_items(batch, {**stated, "reveal": reveal})
            call = Call("POST", "/v1/detokenize", actions, body)
            return _aligned(self._json(call), len(batch), results.revealed)

        return batches.run((json_bytes({"token": token}) for token in tokens), request, self._parallel)

    def search(self, items: Iterable[SearchItem]) -> list[TokenizeResult]:
        """The token that each value has, in order. Deterministic types only; creates nothing."""

        def request(name: str, batch: Sequence[bytes]) -> list[TokenizeResult]:
            call = Call("POST", "/v1/search", {"search"}, with_items(batch, {}))
            return _aligned(self._json(call), len(batch), results.token_facts)

        return batches.run((json_bytes(item.body()) for item in items), request, self._parallel)

    def facts(self, token: str) -> TokenFacts:
        """Type, times and metadata of a token, never its value. Raises `NotFound`."""
        call = Call("GET", f"/v1/tokens/{segment(token)}", {"read"})
        return _parsed(results.token_facts, self._json(call))

    def erase_token(self, token: str) -> None:
        """Erases a token for good. One that is unknown or erased already is no error."""
        self._send(Call("DELETE", f"/v1/tokens/{segment(token)}", {"erase"}))

    def subject_tokens(self, subject: str) -> SubjectTokens:
        """Tokens, types and times of a subject, never values; on record. Changes nothing.

        A request for each hundred tokens. What came in or went while they were read may be missing.
        """
        call = Call("GET", f"/v1/subjects/{segment(subject)}", {"subjects.read"})
        return SubjectTokens.joined(list(self._pages(call)))

    def erase_subject(self, subject: str) -> SignedReceipt:
        """Erases everything of a subject. Asked again, the receipt says the same."""
        answer = self._json(Call("DELETE", f"/v1/subjects/{segment(subject)}", {"erase"}))
        return _parsed(_signed_receipt, answer)

    def types(self) -> list[InfoType]:
        """The information types that this client may use."""
        answer = self._json(Call("GET", "/v1/types", ANY))
        return _parsed(lambda body: [results.info_type(entry) for entry in body["types"]], answer)

    def close(self) -> None:
        """Closes the connections that are kept."""
        self._api.close()
        self._token_endpoint.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _pages(self, call: Call) -> Iterator[SubjectTokens]:
        while True:
            answer = self._json(call)
            yield _parsed(results.subject_tokens, answer)
            if (cursor := _parsed(lambda body: body["next_cursor"], answer)) is None:
                return
            call = replace(call, cursor=cursor)

    def _json(self, call: Call) -> Mapping[str, Any]:
        return _body(self._send(call))

    def _send(self, call: Call) -> Response:
        """The answer to a call, a success; once more with a new access token if the first is refused."""
        deadline = Deadline.after(self._timeout)
        access_token = self._access_tokens.get(call.actions, deadline)
        answer = self._sent(call, access_token.text, deadline)
        if answer.status == 401:
            self._access_tokens.forget(access_token)
            access_token = self._access_tokens.get(call.actions, deadline)
            answer = self._sent(call, access_token.text, deadline)
        if not 200 <= answer.status < 300:
            raise problems.error(answer)
        return answer

    def _sent(self, call: Call, access_token: str, deadline: Deadline) -> Response:
        headers = {
            "Authorization": f"Bearer {access_token}",
            "User-Agent": USER_AGENT,
            "Accept": "application/json, application/problem+json",
            **({} if self._settings.for_person else {"x-api-key": self._settings.api_key}),
            **({"Content-Type": "application/json"} if call.body is not None else {}),
            **({"Idempotency-Key": call.idempotency_key} if call.idempotency_key else {}),
            **({"Page-Cursor": call.cursor} if call.cursor else {}),
        }
        return self._retries.run(
            lambda seconds: self._api.send(call.method, call.path, headers, call.body, seconds),
            deadline,
            # Under its key a request may go out whole once more, although some of its items succeeded.
            _has_retryable if call.idempotency_key else never,
        )


def _body(answer: Response) -> Mapping[str, Any]:
    try:
        parsed = load_json(answer.body)
    except ValueError:
        raise _unexpected() from None
    if not isinstance(parsed, dict):
        raise _unexpected()
    return parsed


def _parsed(parse: Parse[Result], body: Mapping[str, Any]) -> Result:
    """The answer as a type of ours. The errors of what is not shaped like one may quote a value."""
    try:
        return parse(body)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _unexpected() from None


def _aligned(body: Mapping[str, Any], items: int, parse: Parse[Result]) -> list[Result | ItemError]:
    """One result for each item."""

    def result(entry: Mapping[str, Any]) -> Result | ItemError:
        return _item_error(entry) or parse(entry)

    aligned = _parsed(lambda body: [result(entry) for entry in body["results"]], body)
    if len(aligned) != items:
        raise _unexpected()
    return aligned


def _has_retryable(answer: Response) -> bool:
    """Whether an item met a failure that passes."""
    if answer.status != 200:
        return False
    return _parsed(
        lambda body: any(error.retryable for entry in body["results"] if (error := _item_error(entry))),
        _body(answer),
    )


def _item_error(entry: Mapping[str, Any]) -> ItemError | None:
    return ItemError(entry["error"]["code"], entry["error"]["detail"]) if "error" in entry else None


def _signed_receipt(body: Mapping[str, Any]) -> SignedReceipt:
    return SignedReceipt(results.receipt(body["receipt"]), body["jws"], body["receipt"])


def _unexpected() -> Unavailable:
    return Unavailable.of("unexpected_answer", "the answer is not one of this API; is the address right?")
