"""A marked value goes through an import, and shows up in requests and nowhere else."""

import os
import re
from pathlib import Path

import pytest

from tests.client import tool
from tests.client.bulk.imports import CARD, Files, run
from tests.client.service import Answer, Seen, Service, problem

SENTINEL = "5105105105105100"
MAPPED = CARD + 'subject = "id"\n[columns.note]\ntype = "text"\nshape = "digits"\n'


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def written(files: Files) -> str:
    """Everything that an import left in its folder, the input aside."""
    paths = [path for path in files.folder.iterdir() if path != files.source]
    return "".join(path.read_bytes().decode() for path in paths)


def test_bad_cells_are_named_and_not_shown(service: Service, files: Files) -> None:
    """In the output, the file of bad rows, on stdout and stderr, whichever rule they break."""
    rows = [
        f"a b,{SENTINEL},1",  # subject
        f"c-1,{SENTINEL}.0,2",  # float
        f"c-2,{SENTINEL}E+1,3",  # scientific notation
        f'c-3,"{SENTINEL}"x,4',  # quoting
        f"c-4,{SENTINEL},5,6",  # cell count
        f"c-5,41,x{SENTINEL}",  # shape
        f"c-6,{SENTINEL},7",  # refused by the service
    ]
    usual = service.usual

    def answer(seen: Seen) -> Answer:
        results = usual(seen).body["results"]
        error = {"error": {"code": "invalid_value", "detail": "card_number: no"}}
        found = [item["value"] == SENTINEL for item in seen.body["items"]]
        return Answer(200, {"results": [error if bad else r for bad, r in zip(found, results, strict=True)]})

    service.usual = answer
    files.write("id,card,note\n" + "\n".join(rows) + "\n", MAPPED)
    for more in ([], ["--dry-run"], ["--json", "--out", str(files.folder / "more.csv")]):
        ended = run(service, files, *more)
        assert ended.code == 1
        assert SENTINEL not in ended.out + ended.err
    assert len(files.bad_rows) == 7
    assert SENTINEL not in written(files)


@pytest.mark.parametrize(
    "answer",
    [
        problem(403, "not_permitted"),
        problem(400, "invalid_request", errors=[{"pointer": "/items/0/value", "code": "c", "detail": "d"}]),
        Answer(200, {"results": [SENTINEL]}),
        Answer(200, SENTINEL.encode()),
    ],
)
def test_a_run_that_ends_leaves_nothing_of_it(service: Service, files: Files, answer: Answer) -> None:
    """Nor does the journal that the next run needs, or what is said."""
    files.write(f"id,card,note\nc-1,{SENTINEL},7\n", MAPPED)
    service.usual = lambda seen: answer
    ended = run(service, files)
    assert ended.code in (3, 4)
    assert SENTINEL not in ended.out + ended.err
    assert SENTINEL not in written(files)


@pytest.mark.parametrize(
    "content", [f'card\n"{SENTINEL}\n', f"{SENTINEL}\n41\n", f'"{SENTINEL}"x,card\n1,2\n']
)
def test_a_file_that_cannot_be_read_is_not_quoted(service: Service, files: Files, content: str) -> None:
    """A value may stand in the first line, or behind an open quote."""
    files.write(content)
    ended = run(service, files)
    assert ended.code == 2
    assert SENTINEL not in ended.out + ended.err + written(files)


@pytest.mark.parametrize("known", [("text",), ("card_number", "text")])
def test_a_type_that_is_refused_shows_no_value(
    service: Service, files: Files, known: tuple[str, ...]
) -> None:
    """Whether that is told before the run or by an item of it."""
    usual, service.known_types = service.usual, known
    error = {"error": {"code": "unknown_type", "detail": "the policy has no information type of this name"}}
    service.usual = lambda seen: Answer(200, {"results": [error] * len(usual(seen).body["results"])})
    files.write(f"id,card,note\nc-1,{SENTINEL},7\n", MAPPED)
    ended = run(service, files, "--json")
    assert (ended.code in (2, 3), "card_number" in ended.err) == (True, True)
    assert SENTINEL not in ended.out + ended.err + written(files)


def test_a_map_or_a_path_given_in_the_wrong_place_is_not_quoted(service: Service, files: Files) -> None:
    """It may be a value."""
    files.write("card\n41\n", f'columns = "{SENTINEL}\n')
    ended = run(service, files)
    assert (ended.code, SENTINEL in ended.err) == (2, False)
    ended = tool.run(service.environment(), "import", SENTINEL, "--map", SENTINEL)
    assert (ended.code, SENTINEL in ended.err) == (2, False)


def test_the_journal_is_its_users_alone_and_holds_numbers(service: Service, files: Files) -> None:
    """Its keys are known; a digest of the input cannot be tried quickly."""
    files.write(f"id,card,note\nc-1,{SENTINEL},7\n", MAPPED)
    service.script.append(problem(403, "not_permitted"))
    run(service, files)
    assert os.stat(files.journal).st_mode & 0o777 == 0o600
    head = files.journal.read_text().splitlines()[0]
    assert set(re.findall(r'"(\w+)":', head)) == {"version", "seed", "input", "map", "client"}
