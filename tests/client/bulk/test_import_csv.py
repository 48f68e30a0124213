"""CSV through the tool: tokens in the mapped cells, everything else as it was."""

import csv
import json
from pathlib import Path

import pytest

from tests.client.bulk.imports import CARD, Files, keys, run, sent
from tests.client.service import Service, problem


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_only_the_mapped_cells_change(service: Service, files: Files) -> None:
    """Quotes, spaces, delimiters, line ends of any kind and the byte-order mark stay, byte for byte."""
    files.write(
        b'\xef\xbb\xbfid,"card",note\r\n'
        b'1,0041,"a ""b"", c"\n'
        b'2,"0042",  x \r\n'
        b'3,,"two\r\nlines"\r'
        b'"4",0044,\xc3\xa9'
    )
    ended = run(service, files)
    assert (ended.code, ended.err) == (0, "")
    assert files.out.read_bytes() == (
        b'\xef\xbb\xbfid,"card",note\r\n'
        b'1,1400,"a ""b"", c"\n'
        b'2,"2400",  x \r\n'
        b'3,,"two\r\nlines"\r'
        b'"4",4400,\xc3\xa9'
    )
    assert sorted(files.folder.iterdir()) == [files.source, files.folder / "map.toml", files.out]
    assert ended.lines == ["4 rows, 3 values, 0 bad cells"]


def test_subject_and_metadata_go_along(service: Service, files: Files) -> None:
    """From other columns of the row, which stay; several columns of a row go in one request."""
    files.write(
        "id,card,country,mail\nc-1,41,SE,a@b.se\nc-2,42,,\n",
        '[columns.card]\ntype = "card_number"\nsubject = "id"\nmetadata = { from = "country" }\n'
        '[columns.mail]\ntype = "email"\nttl_seconds = 60\n',
    )
    assert run(service, files).code == 0
    assert files.out.read_text() == "id,card,country,mail\nc-1,14,SE,es.b@a\nc-2,24,,\n"
    [seen] = service.seen
    assert seen.body["items"] == [
        {"type": "card_number", "value": "41", "subject": "c-1", "metadata": {"from": "SE"}},
        {"type": "email", "value": "a@b.se", "ttl_seconds": 60},
        {"type": "card_number", "value": "42", "subject": "c-2"},
    ]


def test_another_encoding_and_delimiter_are_kept(service: Service, files: Files) -> None:
    """What the map says; without a header columns have numbers."""
    options = '[csv]\nencoding = "cp1252"\ndelimiter = ";"\nheader = false\n'
    files.write("Bäcker;1,5\nGroß;2\n".encode("cp1252"), options + '[columns.1]\ntype = "text"\n')
    assert run(service, files).code == 0
    assert files.out.read_bytes() == "rekcäB;1,5\nßorG;2\n".encode("cp1252")


def test_a_token_that_the_encoding_lacks_is_a_bad_cell(service: Service, files: Files) -> None:
    """Nothing else is put in its place."""
    facts = {"token": "\u20ac", "type": "text", "created": "2026-01-02T03:04:05Z", "expires_at": None}
    service.script.append(problem(200, "ignored", results=[facts]))
    files.write("card\n41\n", '[csv]\nencoding = "iso-8859-1"\n' + CARD)
    assert run(service, files).code == 1
    assert files.out.read_text() == 'card\n""\n'
    assert [bad["rule"] for bad in files.bad_rows] == ["token_encoding"]


def test_a_mended_cell_goes_in_alone(service: Service, files: Files) -> None:
    """As docs/bulk.md has it: its row of the output, and its column alone; what is a token stays so."""
    both = CARD + '[columns.mail]\ntype = "email"\n'
    files.write("id,card,mail\n1,4.1E+15,a@b.se\n2,42,c@d.se\n", both)
    assert run(service, files).code == 1
    [row] = [line for line in files.made.splitlines() if line.startswith("1,")]
    (files.folder / "mended").mkdir()
    mended = Files(files.folder / "mended")
    mended.write(f"id,card,mail\n{row.replace(',,', ',41,')}\n")
    assert run(service, mended).code == 0
    assert mended.made == "id,card,mail\n1,14,es.b@a\n"
    assert [sorted(item["type"] for item in seen.body["items"]) for seen in service.seen] == [
        ["card_number", "email", "email"],
        ["card_number"],
    ]


def test_a_bad_cell_is_empty_and_named_without_its_value(service: Service, files: Files) -> None:
    """By the service or here; the others have their tokens, and the exit code says so."""
    error = {"error": {"code": "invalid_value", "detail": "card_number: the check digit is wrong"}}
    facts = {"token": "14", "type": "text", "created": "2026-01-02T03:04:05Z", "expires_at": None}
    service.script.append(problem(200, "ignored", results=[facts, error]))
    files.write('id,card\n1,41\n2,"42"\n3,4.1E+15\n')
    ended = run(service, files)
    assert (ended.code, ended.lines) == (
        1,
        ["3 rows, 2 values, 2 bad cells, each named in out.csv.errors.jsonl"],
    )
    assert files.out.read_text() == 'id,card\n1,14\n2,""\n3,\n'
    assert files.bad_rows == [
        {
            "row": 2,
            "column": "card",
            "rule": "invalid_value",
            "detail": "card_number: the check digit is wrong",
        },
        {
            "row": 3,
            "column": "card",
            "rule": "scientific_notation",
            "detail": "the cell is in scientific notation, so digits may be lost",
        },
    ]


def test_a_row_with_other_cells_than_the_first_is_empty(service: Service, files: Files) -> None:
    """Its values may stand in columns that are not mapped; an empty line is no such row."""
    files.write("id,card,note\n1,41,a\n2,b,42,c\n\n3\n4,44,d\n")
    assert run(service, files).code == 1
    assert files.out.read_text() == "id,card,note\n1,14,a\n,,\n\n,,\n4,44,d\n"
    assert [(bad["row"], bad["column"], bad["rule"]) for bad in files.bad_rows] == [
        (2, None, "cell_count"),
        (4, None, "cell_count"),
    ]


def test_a_bad_cell_of_a_file_with_one_column_is_a_row_to_every_reader(
    service: Service, files: Files
) -> None:
    """An empty line is none to many, and then the rows behind it are others; one of the input stays."""
    files.write("card\n41\n4.1E+15\n42,43\n\n44\n")
    assert run(service, files).code == 1
    assert files.out.read_text() == 'card\n14\n""\n""\n\n44\n'
    rows = [row for row in csv.reader(files.out.read_text().splitlines()) if row]
    assert rows == [["card"], ["14"], [""], [""], ["44"]]


def test_a_header_alone_is_a_file_too(service: Service, files: Files) -> None:
    """Without rows there is nothing to send."""
    files.write("id,card\r\n")
    assert run(service, files).lines == ["0 rows, 0 values, 0 bad cells"]
    assert (files.made, service.seen) == ("id,card\r\n", [])


def test_a_dry_run_tells_no_more_bad_cells_than_the_limit(service: Service, files: Files) -> None:
    """And counts them all, and says that it stopped."""
    files.write("card,iban\n" + "4.1E+15,1.5\n" * 5, CARD + '[columns.iban]\ntype = "iban"\n')
    assert run(service, files, "--dry-run", "--max-errors", "3").lines[3:] == [
        "the first 3 of 10 bad cells are listed; --max-errors N lists more",
        "5 rows, 0 values, 10 bad cells; nothing was sent",
    ]
    *_, told = run(service, files, "--dry-run", "--max-errors", "3", "--json").objects
    assert told == {"dry_run": {"rows": 5, "values": 0, "bad_cells": 10, "listed": 3}}
    assert "are listed" not in run(service, files, "--dry-run", "--max-errors", "10").out


def test_too_many_bad_cells_end_the_run(service: Service, files: Files) -> None:
    """A wrong map is not carried through to the end; with a wider limit the same command goes on."""
    files.write("card\n" + "41\n" * 150 + "4.1E+15\n" * 3)
    ended = run(service, files, "--max-errors", "2")
    assert (ended.code, "more than 2 cells are bad" in ended.err, files.out.exists()) == (1, True, False)
    assert (
        "with a larger --max-errors the same command goes on after them; to begin anew with an" in ended.err
    )
    assert run(service, files, "--max-errors", "3").code == 1
    assert files.out.read_text() == "card\n" + "14\n" * 150 + '""\n' * 3
    assert len(files.bad_rows) == 3


def test_what_ends_the_run_says_why(service: Service, files: Files) -> None:
    """A count alone does not say that the map names a type which the policy does not have."""
    files.write("card\n" + "4.1E+15\n" * 3)
    ended = run(service, files, "--max-errors", "2")
    last = (
        "row 3, column card: scientific_notation: the cell is in scientific notation, so digits may be lost"
    )
    assert f"each is named in {files.out.name}.errors.jsonl; the last: {last}" in ended.err


def test_a_dry_run_tells_bad_cells_and_sends_nothing(service: Service, files: Files) -> None:
    """Nor does it write anything, or need to know where the service is."""
    files.write("card\n4111111111111111\n4111111111111112\n", CARD + 'shape = "card_number"\n')
    service.url = "http://127.0.0.1:1"
    luhn = "its check digit is wrong (Luhn): mistyped, or a token already"
    ended = run(service, files, "--dry-run", "--json")
    assert (ended.code, ended.err, service.asked) == (1, "", [])
    assert ended.objects == [
        {
            "row": 2,
            "column": "card",
            "rule": "shape",
            "detail": f"the cell is not shaped like card_number: {luhn}",
        },
        {"dry_run": {"rows": 2, "values": 1, "bad_cells": 1}},
    ]
    assert sorted(files.folder.iterdir()) == [files.source, files.folder / "map.toml"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id,kard\n1,2\n", 'no column is named "card"'),
        (
            b"id;card\n1;2\n",
            'no column is named "card": the first line is one column; is the delimiter right',
        ),
        (b"card,card\n1,2\n", 'more than one column is named "card"'),
        (b"", 'no column is named "card"'),
        ("card\n1\n".encode("utf-16"), "the input is UTF-16"),
        (b'card\n"1\n', "ends within a quoted cell"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    service: Service, files: Files, content: bytes, said: str
) -> None:
    """As a wrong call, with what to do."""
    files.write(content)
    ended = run(service, files)
    assert (ended.code, said in ended.err, service.seen) == (2, True, [])


def test_the_output_is_no_file_that_is_there(service: Service, files: Files) -> None:
    """The input least of all."""
    files.write("card\n41\n")
    files.out.write_text("mine")
    assert "there is a file of this name" in run(service, files).err
    assert "another file than the input" in run(service, files, "--out", str(files.source)).err
    assert files.out.read_text() == "mine"
    assert not files.journal.exists()


@pytest.mark.parametrize("folder", [".", "..", "/"])
def test_the_output_is_no_folder(service: Service, files: Files, folder: str) -> None:
    """Whether it has a name or not: told as a wrong call, before anything is sent."""
    files.write("card\n41\n")
    for named in (folder, str(files.source.parent)):
        ended = run(service, files, "--out", named)
        assert (ended.code, service.seen) == (2, [])
        assert "--out: a folder; the name of a new file in it is needed" in ended.err


def test_a_request_holds_a_hundred_values_of_whole_rows(service: Service, files: Files) -> None:
    """Each under a key of its own, and each value once; rows without values need no request."""
    files.write(
        "a,b,c\n" + "".join(f"a{n},b{n},c{n}\n" for n in range(100)) + ",,\n" * 3000,
        "".join(f'[columns.{name}]\ntype = "text"\n' for name in "abc"),
    )
    assert run(service, files).code == 0
    assert sorted(len(json.loads(raw)["items"]) for raws in keys(service).values() for raw in raws) == [
        3,
        99,
        99,
        99,
    ]
    assert len(set(sent(service))) == len(sent(service)) == 300


def test_a_request_is_never_too_long_for_the_service(service: Service, files: Files) -> None:
    """It takes 960 KB; a character may need six bytes in JSON, and facts go with each value of a row."""
    files.write(
        "a,b,fact\n" + ("\x01" * 15_000 + "," + "é" * 8000 + "," + "x" * 128 + "\n") * 60,
        "".join(f'[columns.{name}]\ntype = "text"\nmetadata = ["fact"]\n' for name in "ab"),
    )
    assert run(service, files).code == 0
    assert max(len(seen.raw) for seen in service.seen) <= 960 * 1024
    assert len(sent(service)) == 120


def test_what_the_service_refuses_ends_the_run(service: Service, files: Files) -> None:
    """At once: a lacking permission does not come while one waits."""
    service.script.append(problem(403, "not_permitted"))
    files.write("card\n41\n")
    ended = run(service, files)
    assert (ended.code, len(service.seen)) == (3, 1)
    assert "0 rows are done; once this client may, the same command goes on after them" in ended.err
    assert "file or client, remove out.csv.part, out.csv.journal, out.csv.errors.jsonl" in ended.err
    assert run(service, files).code == 0
    assert files.made == "card\n14\n"
