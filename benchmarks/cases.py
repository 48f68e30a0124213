"""The operations that are measured: floors, the sample's way, ours."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count, islice
from typing import Any, Final

from benchmarks.account import Account, detokenize_event, results, tokenize_event
from benchmarks.floor import Floor
from benchmarks.measuring import Case, Waits
from benchmarks.sample import Sample
from chalicelib.aws.clients import PARALLEL_CALLS
from chalicelib.formats.luhn import passes_luhn
from tests.support.world import REGION

BATCH: Final = 100
PARALLEL_WAITS: Final = -(-BATCH // PARALLEL_CALLS)
"""How often a batch waits whose calls go side by side."""

REPEATS: Final = 5
"""What takes a millisecond runs this often in a round, so that one interruption does not make its figure."""

_DYNAMODB, _KMS = "dynamodb", "kms"


def values(kind: str, series: int) -> Iterator[str]:
    """Values of a type, none of them twice, nor in another series."""
    if kind != "formatted":
        return (f"value {number:08} of series {series:03}" for number in count())
    return (card for card in (f"4{series:03}{number:012}" for number in count()) if passes_luhn(card))


def floors(floor: Floor) -> list[Case]:
    """What each operation cannot do without."""
    tokenize, detokenize = tokenize_event("opaque", ["a value of some length"]), detokenize_event(["x" * 40])
    return [
        Case("floor: put_item", lambda: None, lambda _: floor.put_item(), _anything, repeats=REPEATS),
        Case("floor: tokenize", lambda: tokenize, floor.tokenize, _anything, repeats=REPEATS),
        Case("floor: detokenize", lambda: detokenize, floor.detokenize, _anything, repeats=REPEATS),
    ]


def tokenizing(account: Account) -> list[Case]:
    """Ours, single and batched; deterministic values both new and known."""
    return [case for size in (1, BATCH) for case in _tokenizing(account, size)]


def of_subjects(account: Account) -> list[Case]:
    """Values of as many subjects as there are items: of subjects that have a secret, and of new ones."""
    return [case for size in (1, BATCH) for case in _of_subjects(account, size)]


def keyed(account: Account) -> list[Case]:
    """Under an `Idempotency-Key`: for the first time, and sent again."""
    return [case for size in (1, BATCH) for case in _keyed(account, size)]


def detokenizing(account: Account) -> list[Case]:
    """Ours, single and batched; tokens that are there and tokens that are not."""
    return [
        _ours(account, "reveal", f"detokenize {found}", size, partial(_same, event), ((_DYNAMODB, 2),))
        for size in (1, BATCH)
        for found, event in (
            ("found", detokenize_event(_made(account, size))),
            ("unknown", detokenize_event([_unlike(token) for token in _made(account, size)])),
        )
    ]


def sampled(account: Account) -> list[Case]:
    """The sample's way, as published and with its objects kept."""
    return [case for keep in (False, True) for size in (1, BATCH) for case in _sampled(account, size, keep)]


def _tokenizing(account: Account, size: int) -> list[Case]:
    """A known value costs a look, a new one two looks and a write; `kms` a MAC before either."""
    many = PARALLEL_WAITS if size > 1 else 1
    waits = {
        "opaque": ((_DYNAMODB, 1),),
        "formatted": ((_DYNAMODB, many),),
        "cached": ((_DYNAMODB, 2 + many),),
        "kms": ((_KMS, many), (_DYNAMODB, 2 + many)),
        "cached, known": ((_DYNAMODB, 1),),
        "kms, known": ((_KMS, many), (_DYNAMODB, 1)),
    }
    return [
        _ours(account, "tokenize", f"tokenize {kind}", size, _events(kind, size), waits[kind])
        for kind in waits
    ]


def _of_subjects(account: Account, size: int) -> list[Case]:
    """A look at each subject before sealing, a write for a new one, and a look at all after writing."""
    many = PARALLEL_WAITS if size > 1 else 1
    numbers = count()
    known = [f"known{number}" for number in range(size)]
    results(account.handler("tokenize")(_event_of(known)))
    events: dict[str, tuple[Callable[[], Any], int]] = {
        "known subjects": (lambda: _event_of(known), many + 2),
        "new subjects": (
            lambda: _event_of([f"new{size}x{number}" for number in islice(numbers, size)]),
            2 * many + 2,
        ),
    }
    return [
        _ours(account, "tokenize", f"tokenize opaque, {name}", size, event, ((_DYNAMODB, waits),))
        for name, (event, waits) in events.items()
    ]


def _keyed(account: Account, size: int) -> list[Case]:
    """The key is kept before the values, each of which is written by itself; sent again, all are found."""
    keys = (f"{size}x{number:032}" for number in count())
    nobodys = [None] * size
    again = _with_key(_event_of(nobodys), next(keys))
    results(account.handler("tokenize")(again))
    events: dict[str, tuple[Callable[[], Any], int]] = {
        "keyed": (
            lambda: _with_key(_event_of(nobodys), next(keys)),
            1 + (PARALLEL_WAITS if size > 1 else 1),
        ),
        "sent again": (lambda: again, 2),
    }
    return [
        _ours(account, "tokenize", f"tokenize opaque, {name}", size, event, ((_DYNAMODB, waits),))
        for name, (event, waits) in events.items()
    ]


def _ours(
    account: Account, function: str, name: str, size: int, event: Callable[[], Any], waits: Waits
) -> Case:
    repeats = REPEATS if size == 1 else 1
    return Case(f"{name}, {size}", event, account.handler(function), results, size, waits, repeats)


def _sampled(account: Account, size: int, keep: bool) -> list[Case]:
    sample = Sample(account.vault_kek, REGION, keep=keep)
    called = "sample, kept:" if keep else "sample:"
    tokenize = tokenize_event("opaque", ["a value of some length"] * size)
    detokenize = detokenize_event([entry["token"] for entry in results(sample.tokenize(tokenize))])
    waits = ((_DYNAMODB, 1 + size), (_KMS, size))
    return [
        Case(f"{called} tokenize, {size}", lambda: tokenize, sample.tokenize, results, size, waits),
        Case(f"{called} detokenize, {size}", lambda: detokenize, sample.detokenize, results, size, waits),
    ]


def _events(kind: str, size: int) -> Callable[[], Any]:
    """Requests with values that were never there before, or with the same ones again."""
    name, _, known = kind.partition(", ")
    fresh = values(name, size)
    again = tokenize_event(name, [f"a known value {number}" for number in range(size)])
    return lambda: again if known else tokenize_event(name, list(islice(fresh, size)))


def _event_of(subjects: Sequence[str | None]) -> dict[str, Any]:
    """A value for each subject; for None, a value of nobody's."""
    event = tokenize_event("opaque", [f"a value {number:06}" for number in range(len(subjects))])
    body = json.loads(event["body"])
    items = [
        {**item, **({} if subject is None else {"subject": subject})}
        for item, subject in zip(body["items"], subjects, strict=True)
    ]
    return {**event, "body": json.dumps({**body, "items": items})}


def _with_key(event: dict[str, Any], key: str) -> dict[str, Any]:
    return {**event, "headers": {**event["headers"], "Idempotency-Key": key}}


def _made(account: Account, size: int) -> list[str]:
    asked = tokenize_event("opaque", list(islice(values("opaque", 0), size)))
    return [entry["token"] for entry in results(account.handler("tokenize")(asked))]


def _same(event: Any) -> Any:
    """An event that may be sent again and again."""
    return event


def _unlike(token: str) -> str:
    """A token that nobody was given: it is looked up like any other."""
    return f"{token[:-4]}0000"


def _anything(_: Any) -> None:
    """A floor answers nothing that could be wrong."""
