"""The sentinel on its way through an import over S3: histories, lines, results and errors."""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bulklib.objects import Objects
from tests.leaks.watch import CARD, SPACED, TEXT, TRACES, Watch
from tests.support.bulk_machine import BulkMachine, bulk_machine

MAP = b'[columns.card]\ntype = "card_number"\n[columns.note]\ntype = "text"\n'
ROWS = f'id,card,note\n1,{CARD},{TEXT}\n2,"{SPACED} 0510 5100","{TEXT}\nmore"\n'.encode()
QUOTING = f"bad item {CARD} {TEXT} 5105 1051"


@pytest.fixture
def machine(watch: Watch) -> Iterator[BulkMachine]:
    """A machine in the watched account."""
    with bulk_machine(watch.account) as made:
        made.put("in/map.toml", MAP)
        yield made


def executed(machine: BulkMachine, watch: Watch, key: str, content: bytes) -> Mapping[str, Any]:
    """Imports a file; fails if a trace of it is in the history, or anywhere in the bucket but the file."""
    machine.put(key, content)
    execution = machine.execute(key=key, map="in/map.toml")
    written = {name: machine.get(name) for name in machine.stored() if not name.startswith("in/")}
    seen = {"history": machine.history(execution).encode(), **written}
    for where, text in seen.items():
        assert not [trace for trace in (*TRACES, SPACED) if trace.encode() in text], where
    watch.sees_no_sentinel()
    return execution


def test_an_import_shows_nothing(machine: BulkMachine, watch: Watch) -> None:
    """Its tokens, its manifest, its history, its lines."""
    assert executed(machine, watch, "in/rows.csv", ROWS)["status"] == "SUCCEEDED"


def test_bad_rows_show_nothing(machine: BulkMachine, watch: Watch) -> None:
    """Cells that the service refuses, rows of too many cells, lines that are no JSON."""
    bad = ROWS + f'3,{CARD[:-1]}1,{TEXT}\n4,{CARD},{TEXT},{TEXT}\n5,{TEXT},"{TEXT}" {TEXT}\n'.encode()
    assert executed(machine, watch, "in/rows.csv", bad)["status"] == "SUCCEEDED"
    broken = f'{{"card": "{CARD}"\n{{"card": {CARD}, "note": "{TEXT}"}}\n{TEXT}\n'.encode()
    assert executed(machine, watch, "in/rows.jsonl", broken)["status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("in/rows.parquet", b"PAR1" + TEXT.encode() * 9),
        ("in/rows.csv", f"{TEXT},{CARD}\n".encode()),
        ("in/rows.csv", b'card,note\n1,"' + TEXT.encode()),
        ("in/rows", ROWS),
    ],
    ids=["no Parquet", "another header", "a quote that does not end", "no format"],
)
def test_a_file_that_is_refused_shows_nothing(
    machine: BulkMachine, watch: Watch, key: str, content: bytes
) -> None:
    """The execution says the rule, and not what stands in the file."""
    machine.account.tokenize({"type": "text", "value": "x"})  # the watch wants a line of a request
    execution = executed(machine, watch, key, content)
    assert (execution["status"], execution["error"]) == ("FAILED", "Refused")


def test_errors_that_quote_show_nothing(
    machine: BulkMachine, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what nobody foresaw the kind alone; of a function that crashed not what it printed."""
    usual = Objects.put

    def quoting(self: Objects, key: str, file: Any, *rest: Any, **more: Any) -> None:
        if "part-" in key:
            raise RuntimeError(QUOTING)
        usual(self, key, file, *rest, **more)

    monkeypatch.setattr(Objects, "put", quoting)
    monkeypatch.setitem(machine.handlers, "part", once(machine.handlers["part"]))
    execution = executed(machine, watch, "in/rows.csv", ROWS)
    assert execution["status"] == "FAILED"
    assert "unexpected RuntimeError" in json.dumps(machine.failures)
    monkeypatch.setattr(Objects, "put", usual)
    assert crashed(machine) == "function_failed: the function failed; its log says why"


def once(handler: Any) -> Any:
    """The handler, whose second failure is one that is not tried again: a test does not wait for six."""
    calls = list[Any]()

    def limited(event: Mapping[str, Any]) -> Any:
        calls.append(event)
        if len(calls) > 2:
            raise PermissionError
        return handler(event)

    return limited


def crashed(machine: BulkMachine) -> str:
    """What is said of an answer that Lambda gives for a function that crashed."""
    payload = io.BytesIO(json.dumps({"errorType": "ValueError", "errorMessage": QUOTING}).encode())
    machine.invoked.fault = lambda number: {"FunctionError": "Unhandled", "Payload": payload}
    vault = machine.vault(machine.files._map(machine.objects.pinned("in/map.toml", None)))
    with pytest.raises(Exception, match="function_failed") as raised:
        vault.tokenize([])
    return str(raised.value)
