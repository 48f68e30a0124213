"""A file taken in by the client's import, with the service's own idempotency behind it."""

import itertools
from collections.abc import Sequence
from pathlib import Path

from tokenvault_client import TokenizeItem, results
from tokenvault_client.bulk import Import, Limits, Places, Progress, open_journal, open_source, read_map
from tokenvault_client.errors import NotPermitted
from tokenvault_client.results import TokenizeResult

from tests.support.world import World

MAPPED = b"""
[columns.card]
type = "card_number"
subject = "id"
[columns.note]
type = "text_known"
[columns.more]
type = "text"
"""
ROWS = 120


class Losing:
    """A client that reaches the service, and loses each answer of a fresh process except the first few."""

    def __init__(self, account: World, answers: int) -> None:
        self._account, self._left = account, answers

    def tokenize(
        self, items: Sequence[TokenizeItem], *, idempotency_key: str | None = None
    ) -> list[TokenizeResult]:
        answer = self._account.tokenize(*(item.body() for item in items), idempotency_key=idempotency_key)
        self._left -= 1
        if self._left < 0:
            raise NotPermitted.of("lost", "the process is killed before it sees the answer")
        return [results.token_facts(entry) for entry in answer.body["results"]]


def imported(account: World, source: Path, out: Path, answers: int) -> None:
    """One run of the import, which ends when an answer is lost."""
    mapped, places = read_map(MAPPED), Places(out)
    with open_journal(places.journal, source, mapped.digest, "client") as journal:
        Import(
            source,
            open_source(source, mapped),
            places=places,
            journal=journal,
            client=Losing(account, answers),
            limits=Limits(parallel=1),
            progress=lambda reached: Progress(None, reached),
        ).run()


def test_answers_that_were_lost_leave_no_second_token(account: World, tmp_path: Path) -> None:
    """Random and deterministic types, runs that end at every chunk: a record for each value, and no more."""
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    cards = itertools.cycle(["4111111111111111", "5105105105105100", "378282246310005"])
    rows = [(f"c-{n}", next(cards), f"note {n}", f"more {n}") for n in range(ROWS)]
    source.write_text("id,card,note,more\n" + "".join(",".join(row) + "\n" for row in rows))
    for run in itertools.count():
        try:
            imported(account, source, out, answers=run % 2)
        except NotPermitted:
            account.restart()
        else:
            break
    records = [item for item in account.items("vault") if item["sk"]["S"] == "record"]
    assert len(records) == 3 * ROWS
    tokens = [line.split(",") for line in out.read_text().splitlines()[1:]]
    assert [row[0] for row in tokens] == [row[0] for row in rows]
    for column in (1, 2, 3):
        for start in range(0, ROWS, 100):
            shown = account.detokenize(*(row[column] for row in tokens[start : start + 100]))
            values = [entry["value"] for entry in shown.body["results"]]
            assert values == [row[column] for row in rows[start : start + 100]]
