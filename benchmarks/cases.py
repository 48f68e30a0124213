"""The operations that are measured: floors, the sample's way, ours."""

from collections.abc import Callable, Iterator
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
    """A known value costs a look, a new one a look and a write; `kms` a MAC before either."""
    many = PARALLEL_WAITS if size > 1 else 1
    waits = {
        "opaque": ((_DYNAMODB, 1),),
        "formatted": ((_DYNAMODB, many),),
        "cached": ((_DYNAMODB, 1 + many),),
        "kms": ((_KMS, many), (_DYNAMODB, 1 + many)),
        "cached, known": ((_DYNAMODB, 1),),
        "kms, known": ((_KMS, many), (_DYNAMODB, 1)),
    }
    return [
        _ours(account, "tokenize", f"tokenize {kind}", size, _events(kind, size), waits[kind])
        for kind in waits
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
