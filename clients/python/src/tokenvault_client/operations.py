"""What each method of a client asks the API for, and what its answer means. No I/O."""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from tokenvault_client import answers, results
from tokenvault_client.access_tokens import ANY
from tokenvault_client.answers import Parse
from tokenvault_client.calls import Call
from tokenvault_client.errors import ConfigurationError
from tokenvault_client.http import Response
from tokenvault_client.sending import json_bytes, segment, with_items

_KEY_BYTES: Final = 24
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{22,112}")
"""What the service takes, less the room that the number of a batch needs."""

Given = TypeVar("Given")
Result = TypeVar("Result")


@dataclass(frozen=True)
class One(Generic[Result]):
    """A single request, and what its answer means."""

    call: Call
    parse: Callable[[Response], Result]


@dataclass(frozen=True)
class Many(Generic[Result]):
    """Items, each in JSON, that go out in batches, and what a single result means.

    `call` is the request for a batch, of its name and its items.
    """

    items: Iterable[bytes] = field(repr=False)
    call: Callable[[str, Sequence[bytes]], Call]
    parse: Parse[Result]


def tokenize(items: Iterable[results.TokenizeItem], idempotency_key: str | None) -> Many[results.TokenFacts]:
    """Raises `ConfigurationError` for a key that the service would refuse, and for no list."""
    return _under_a_key(
        "tokenize", results.TokenizeItem, items, idempotency_key, stays=idempotency_key is not None
    )


def import_tokens(
    items: Iterable[results.ImportItem], idempotency_key: str | None
) -> Many[results.TokenFacts]:
    """Stays in the first Region: one token that two Regions take in at once is the last writer's.

    Raises `ConfigurationError` for a key that the service would refuse.
    """
    return _under_a_key("import", results.ImportItem, items, idempotency_key, stays=True)


def listed(texts: Iterable[str], what: str) -> Iterable[str]:
    """The texts, unless they are one text alone, which is not shown. Raises `ConfigurationError`.

    As they are read, `TypeError` for what is no text.
    """
    return _each_of(str, "a string", _list_of(texts, what))


def search(items: Iterable[results.SearchItem]) -> Many[results.TokenFacts]:
    return Many(_bodies(results.SearchItem, items), _posts("/v1/search", {"search"}, {}), results.token_facts)


def detokenize(
    tokens: Iterable[str],
    purpose: str | None,
    reveal: results.Reveal,
    on_behalf_of: str | None,
    *,
    fields: Sequence[results.Field] | None,
    approval: str | None,
    assertion: str | None = None,
) -> Many[results.Revealed]:
    """An approval is known in the Region where it was asked for, so such a reveal stays there.

    Raises `ConfigurationError` for one token, or one field, that is not in a list.
    """
    actions = {"detokenize"} if reveal == "full" else {"detokenize", "detokenize.masked"}
    stated: dict[str, Any] = results.given(
        purpose=purpose, on_behalf_of=on_behalf_of, assertion=assertion, approval=approval
    )
    if fields is not None:
        stated["fields"] = list(listed(fields, "fields"))
    call = _posts("/v1/detokenize", actions, {**stated, "reveal": reveal}, stays=approval is not None)
    return Many((json_bytes({"token": token}) for token in listed(tokens, "tokens")), call, results.revealed)


def facts(token: str) -> One[results.TokenFacts]:
    call = Call("GET", f"/v1/tokens/{segment(token, 'token')}", {"read"})
    return One(call, lambda answer: answers.parsed(results.token_facts, answer))


def erase_token(token: str) -> One[None]:
    return One(Call("DELETE", f"/v1/tokens/{segment(token, 'token')}", {"erase"}), lambda answer: None)


def subject_tokens(subject: str) -> One[tuple[results.SubjectTokens, str | None]]:
    """The first page, with the cursor of the next one."""
    call = Call("GET", f"/v1/subjects/{segment(subject, 'subject')}", {"subjects.read"})
    return One(call, lambda answer: answers.parsed(_page, answer))


def erase_subject(subject: str) -> One[results.SignedReceipt]:
    call = Call("DELETE", f"/v1/subjects/{segment(subject, 'subject')}", {"erase"})
    return One(call, lambda answer: answers.parsed(answers.signed_receipt, answer))


def types() -> One[list[results.InfoType]]:
    return One(Call("GET", "/v1/types", ANY), lambda answer: answers.parsed(_types, answer))


def _bodies(kind: type[results.SearchItem], items: Iterable[results.SearchItem]) -> Iterator[bytes]:
    article = "an" if kind is results.ImportItem else "a"
    listed_items = _list_of(items, "items")
    return (json_bytes(item.body()) for item in _each_of(kind, f"{article} {kind.__name__}", listed_items))


def _list_of(given: Iterable[Given], what: str) -> Iterable[Given]:
    """What was given, unless it is one alone. Raises `ConfigurationError`, which shows none of it."""
    if isinstance(given, str):
        raise ConfigurationError(f"{what} must be a list: each character of a string would be one of them")
    if not isinstance(given, Iterable):
        raise ConfigurationError(f"{what} must be a list, and this is of the class {type(given).__name__}")
    return given


def _each_of(kind: type[Given], needed: str, given: Iterable[Given]) -> Iterator[Given]:
    """What was given, as it is read. Raises `TypeError`, which names classes and no value."""
    for number, one in enumerate(given):
        if not isinstance(one, kind):
            raise TypeError(f"item {number} is a {type(one).__name__}; {needed} is needed")
        yield one


def _under_a_key(
    action: str,
    kind: type[results.TokenizeItem],
    items: Iterable[results.TokenizeItem],
    idempotency_key: str | None,
    *,
    stays: bool,
) -> Many[results.TokenFacts]:
    key = secrets.token_urlsafe(_KEY_BYTES) if idempotency_key is None else idempotency_key
    if not _KEY.fullmatch(key):
        raise ConfigurationError("the idempotency key must be 22 to 112 of A-Z a-z 0-9 _ and -")

    def call(name: str, batch: Sequence[bytes]) -> Call:
        named = key if name == "0" else f"{key}-{name}"
        return Call("POST", f"/v1/{action}", {action}, with_items(batch, {}), named, stays=stays)

    return Many(_bodies(kind, items), call, results.token_facts)


def _posts(
    path: str, actions: Set[str], rest: Mapping[str, Any], *, stays: bool = False
) -> Callable[[str, Sequence[bytes]], Call]:
    return lambda name, batch: Call("POST", path, actions, with_items(batch, rest), stays=stays)


def _page(body: Mapping[str, Any]) -> tuple[results.SubjectTokens, str | None]:
    return results.subject_tokens(body), body["next_cursor"]


def _types(body: Mapping[str, Any]) -> list[results.InfoType]:
    return [results.info_type(entry) for entry in body["types"]]
