"""`make bench-peers`: this service beside nodii-pii over the same stubbed AWS, and vaultless floors.

Writes the block of `docs/performance.md` and `benchmarks/peers.json`. Ours is the whole API handler, from API
Gateway's event to its response; theirs is a call of a library within the application.
"""

import json
import os
import sys
from contextlib import redirect_stdout
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

from benchmarks.account import CREDENTIALS, Account, detokenize_event, erase_event, results, tokenize_event
from benchmarks.aws.session import StubbedAws
from benchmarks.cases import values
from benchmarks.measuring import Case, interleaved, median, ratio
from benchmarks.peers import report, vaultless
from benchmarks.peers.nodii import Vault
from benchmarks.report import replaced
from tests.support.world import REGION

HERE: Final = Path(__file__).resolve().parent
PAGE: Final = HERE.parents[1] / "docs/performance.md"
ROUNDS: Final = int(os.environ.get("ROUNDS", "40"))
BATCH: Final = 100
SUBJECT: Final = "00000000-0000-4000-9000-00000000000a"
TYPES: Final[dict[str, dict[str, Any]]] = {
    "card": {"format": "card_number", "mode": "deterministic", "derivation": "cached"},
    "random_card": {"format": "card_number"},
}


def cases(account: Account, vault: Vault) -> list[Case]:
    """Each operation of ours, of either mode, and of theirs, singly and by the hundred."""
    return [
        *(case for size in (1, BATCH) for case in _values_in(account, vault, size)),
        *(case for size in (1, BATCH) for case in _values_back(account, vault, size)),
        *_erasures(account, vault),
    ]


def _values_in(account: Account, vault: Vault, size: int) -> list[Case]:
    handler = account.handler("tokenize")

    def case(name: str, kind: str, series: int) -> Case:
        fresh = values("formatted", series + size)
        return Case(
            name,
            lambda: _for_a_subject(kind, fresh, size),
            handler,
            _served("token"),
            size,
            (),
            _repeats(size),
        )

    theirs = values("formatted", 600 + size)
    return [
        case(report.name("value in", size, "random"), "random_card", 200),
        case(report.name("value in", size, "deterministic"), "card", 400),
        Case(
            report.name("value in", size, "nodii"),
            lambda: [next(theirs) for _ in range(size)],
            lambda cards: vault.tokenize(cards, SUBJECT),
            _complete(size),
            size,
            (),
            _repeats(size),
        ),
    ]


def _values_back(account: Account, vault: Vault, size: int) -> list[Case]:
    cards = [card for _, card in zip(range(size), values("formatted", 800), strict=False)]
    made = results(account.handler("tokenize")(_for_a_subject("card", iter(cards), size)))
    asked, theirs = detokenize_event([entry["token"] for entry in made]), vault.tokenize(cards, SUBJECT)
    return [
        Case(
            report.name("value back", size, "deterministic"),
            lambda: asked,
            account.handler("reveal"),
            _served("value"),
            size,
            (),
            _repeats(size),
        ),
        Case(
            report.name("value back", size, "nodii"),
            lambda: theirs,
            vault.detokenize,
            _complete(size),
            size,
            (),
            _repeats(size),
        ),
    ]


def _erasures(account: Account, vault: Vault) -> list[Case]:
    """A person with one card: who has more costs theirs a write for each, and ours a job later on."""
    numbers, tokenize = count(1), account.handler("tokenize")

    def ours() -> dict[str, Any]:
        subject = _subject(next(numbers))
        event = _for_a_subject("card", values("formatted", 900), 1, subject)
        results(tokenize(event))
        return erase_event(subject)

    def theirs() -> str:
        subject = _subject(next(numbers))
        vault.tokenize([f"4000000000{next(numbers):06}"], subject)
        return subject

    return [
        Case(report.name("erase a person", 1, "deterministic"), ours, account.handler("reveal"), _erased),
        Case(report.name("erase a person", 1, "nodii"), theirs, vault.erase, lambda _: None),
    ]


def _for_a_subject(kind: str, fresh: Any, size: int, subject: str = SUBJECT) -> dict[str, Any]:
    event = tokenize_event(kind, [next(fresh) for _ in range(size)])
    body = json.loads(event["body"])
    for item in body["items"]:
        item["subject"] = subject
    return {**event, "body": json.dumps(body)}


def _floors() -> list[Case]:
    return [case for each in vaultless.all_of_them() for case in _there_and_back(each)]


def _there_and_back(library: vaultless.Vaultless) -> list[Case]:
    card = "4111111111111111"
    sealed = library.there(card)
    there, back = (report.name(operation, 1, library.name) for operation in ("value in", "value back"))
    return [
        Case(there, lambda: card, library.there, _something, repeats=5),
        Case(back, lambda: sealed, library.back, _is(card), repeats=5),
    ]


def _repeats(size: int) -> int:
    return 5 if size == 1 else 1


def _subject(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def _complete(size: int) -> Any:
    def check(answers: list[Any]) -> None:
        assert len(answers) == size, answers
        assert None not in answers, answers

    return check


def _served(name: str) -> Any:
    def check(answer: Any) -> None:
        assert all(name in entry for entry in results(answer)), answer

    return check


def _is(value: str) -> Any:
    def check(answer: Any) -> None:
        assert answer == value, answer

    return check


def _something(answer: Any) -> None:
    assert answer


def _erased(answer: Any) -> None:
    assert answer["statusCode"] == 200, answer


def main() -> None:
    """Command line."""
    os.environ |= CREDENTIALS
    aws = StubbedAws()
    with aws.installed(), Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        account = Account(aws, TYPES)
        chosen = [*cases(account, Vault(REGION)), *_floors()]
        samples = interleaved(aws, chosen, ROUNDS)
    measured = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "cpu_us": {case.name: round(median(samples[case.name]) * 1e6, 1) for case in chosen},
        "ratios": {ours: round(ratio(samples, ours, theirs), 2) for ours, theirs in report.pairs(samples)},
    }
    (HERE.parent / "peers.json").write_text(json.dumps(measured, indent=1) + "\n")
    PAGE.write_text(replaced(PAGE.read_text(), report.block(measured), report.MARK))
    sys.stdout.write(f"{report.block(measured)}\n")


if __name__ == "__main__":
    main()
