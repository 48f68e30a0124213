"""Files whose values have tokens already: the values go in under these, which then stand in their place."""

from pathlib import Path

import pytest

from tests.client.bulk.imports import Files, run
from tests.client.service import Service

ROWS = "id,card,old\n1,4111111111111111,tok_1\n2,,tok_2\n3,5105105105105100,\n4,378282246310005,tok_4\n"
MAP = '[columns.card]\ntype = "card_number"\ntoken_column = "old"\n'


@pytest.fixture
def service(service: Service) -> Service:
    service.scopes = "vault/import vault/read"
    return service


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_values_keep_their_tokens(service: Service, files: Files) -> None:
    """An empty cell stays empty, and a value without a token is a bad cell: who imports cannot tokenize."""
    files.write(ROWS, MAP)
    assert run(service, files).code == 1
    assert files.made == "id,card,old\n1,tok_1,tok_1\n2,,tok_2\n3,,\n4,tok_4,tok_4\n"
    assert [(bad["row"], bad["rule"]) for bad in files.bad_rows] == [(3, "token_missing")]
    [sent] = service.seen
    assert (sent.path, [item["token"] for item in sent.body["items"]]) == ("/v1/import", ["tok_1", "tok_4"])
    assert sent.headers["Idempotency-Key"]


def test_the_column_may_stand_on_the_command_line(service: Service, files: Files) -> None:
    """For a map with one column; a run without it is another import, and is not gone on with."""
    mapped = MAP.partition("token_column")[0]
    files.write(ROWS.replace("\n3,5105105105105100,", "\n3,,"), mapped)
    assert run(service, files, "--token-column", "old").code == 0
    assert files.made.splitlines()[1] == "1,tok_1,tok_1"
    two = mapped + '[columns.id]\ntype = "text"\n'
    files.write(ROWS, two)
    assert "--token-column: for maps with one column" in run(service, files, "--token-column", "old").err
