"""A hundred items may have more bytes than one request: they go out in several, each of which fits."""

import json
from typing import Any

import pytest
from tokenvault_client import TokenFacts, TokenizeItem, batches
from tokenvault_client.batches import MAX_BODY_BYTES, stream
from tokenvault_client.results import Revealed

from chalicelib.api import json_body
from tests.client import tool
from tests.client.service import Service

KEY = "k" * 22
LARGE = [f"{number}-" + "ü" * 6000 for number in range(100)]
"""About 12,000 bytes each, 1.2 million together."""


def keys(service: Service) -> list[str]:
    return sorted(seen.headers["Idempotency-Key"] for seen in service.seen)


def test_the_limit_is_the_services() -> None:
    """Of bytes in a body."""
    assert MAX_BODY_BYTES == json_body.MAX_BODY_BYTES


def test_no_body_has_more_bytes_than_the_service_takes(service: Service) -> None:
    """Whatever the call; results stand in the items' order."""
    items, client = [TokenizeItem("text", value) for value in LARGE], service.client()
    expected = [value[::-1] for value in LARGE]
    assert [made.token for made in client.tokenize(items) if isinstance(made, TokenFacts)] == expected
    assert [made.token for made in client.search(items) if isinstance(made, TokenFacts)] == expected
    shown = client.detokenize(LARGE, purpose="refund", on_behalf_of="someone")
    assert [made.value.reveal() for made in shown if isinstance(made, Revealed)] == expected
    assert len(service.seen) == 6
    assert all(len(seen.raw) <= MAX_BODY_BYTES for seen in service.seen)


def test_a_batch_that_fits_keeps_its_key_whatever_stands_before_it(service: Service) -> None:
    """A hundred items have the number that they always had; what is cut off them has a part's number."""
    items = [TokenizeItem("text", value) for value in [*LARGE, *map(str, range(150))]]
    service.client().tokenize(items, idempotency_key=KEY)
    assert keys(service) == [KEY, f"{KEY}-0-1", f"{KEY}-1", f"{KEY}-2"]
    [second] = [seen for seen in service.seen if seen.headers["Idempotency-Key"] == f"{KEY}-1"]
    assert [item["value"] for item in second.body["items"]] == [str(number) for number in range(100)]


def test_an_item_that_no_request_has_room_for_is_alone() -> None:
    """For the service to refuse; the others go without it."""
    weights = {"a": 1, "b": MAX_BODY_BYTES, "c": 1, "d": 1}
    cut = [
        batch for batch, _ in stream("abcd", lambda name, batch: list(batch), 1, weigh=weights.__getitem__)
    ]
    assert cut == [["a"], ["b"], ["c", "d"]]


def test_parts_of_a_hundred_go_out_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """Although the first is no full batch."""
    used: list[int] = []
    whole = batches.side_by_side

    def noted(found: Any, sender: Any, parallel: int) -> Any:
        used.append(parallel)
        return whole(found, sender, parallel)

    monkeypatch.setattr(batches, "side_by_side", noted)
    assert len(list(stream(LARGE, lambda name, batch: list(batch), 3, weigh=lambda item: 12_000))) == 2
    assert used == [3]


@pytest.mark.parametrize("command", ["tokenize", "search"])
def test_the_tool_cuts_its_lines_likewise(service: Service, command: str) -> None:
    """Each line has its token, in its place."""
    ended = tool.run(service.environment(), command, "--type", "text", stdin="\n".join([*LARGE, "ab"]))
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines == [value[::-1] for value in [*LARGE, "ab"]]
    assert sorted(len(seen.body["items"]) for seen in service.seen)[0] == 1
    assert len(service.seen) == 3
    assert all(len(seen.raw) <= MAX_BODY_BYTES for seen in service.seen)


def test_the_tools_keys_name_the_part(service: Service) -> None:
    """So that another run under the key finds what was made."""
    lines = [json.dumps({"value": value}) for value in [*LARGE, "ab"]]
    for _ in range(2):
        given = ["tokenize", "--type", "text", "--json", f"--idempotency-key={KEY}"]
        assert tool.run(service.environment(), *given, stdin="\n".join(lines)).code == 0
    assert keys(service) == [name for part in ("_0", "_0-1", "_1") for name in [KEY + part] * 2]


def test_detokenize_of_the_tool_cuts_likewise(service: Service) -> None:
    """Tokens can be as long as values."""
    ended = tool.run(service.environment(), "detokenize", "--purpose", "refund", stdin="\n".join(LARGE))
    assert (ended.code, len(ended.lines), len(service.seen)) == (0, 100, 2)
