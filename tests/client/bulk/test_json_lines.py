"""JSON Lines through the tool: the texts of mapped members are replaced, every other byte stays."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenvault_client.bulk.errors import BadValue
from tokenvault_client.bulk.json_lines import members_of

from tests.client.bulk.imports import CARD, Files, run
from tests.client.service import Service

SPACES = st.sampled_from(["", " ", "\t", "  "])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=6), st.floats(allow_nan=False))
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path, "in.jsonl")


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=5), SPACES, st.booleans())
def test_members_are_found_where_they_stand(content: dict[str, Any], space: str, escaped: bool) -> None:
    """Whatever they are, and however they are written: the text cut out is the member's own."""
    separators = (f"{space},{space}", f"{space}:{space}")
    line = space + json.dumps(content, ensure_ascii=escaped, separators=separators) + space
    found = members_of(line, frozenset(content))
    assert {name: json.loads(line[m.start : m.end]) for name, m in found.items()} == content


@given(st.text(alphabet='{}[],:"\\a1 \n', max_size=12))
def test_what_is_no_object_is_refused(line: str) -> None:
    """As Python's own reader has it."""
    try:
        expected = isinstance(json.loads(line), dict)
    except ValueError:
        expected = False
    try:
        members_of(line, frozenset("a"))
        found = True
    except BadValue as error:
        found = error.rule == "duplicate_member"
    assert found == expected


def test_only_the_mapped_members_change(service: Service, files: Files) -> None:
    """Order, spaces, escapes, numbers, bytes that are no UTF-8, line ends and the byte-order mark stay."""
    files.write(
        b'\xef\xbb\xbf{"id": 1.50, "card" : "0041","x":"\\u00e9\xff"}\r\n'
        b"\n"
        b'{"big":12345678901234567890.10,\r"card":null, "d":{"card":"7"}}\n'
        b"{ }\n"
        b'{"c\\u0061rd":"\\u0034\\u0032"}'
    )
    assert run(service, files).code == 0
    assert files.out.read_bytes() == (
        b'\xef\xbb\xbf{"id": 1.50, "card" : "1400","x":"\\u00e9\xff"}\r\n'
        b"\n"
        b'{"big":12345678901234567890.10,\r"card":null, "d":{"card":"7"}}\n'
        b"{ }\n"
        b'{"c\\u0061rd":"24"}'
    )


@pytest.mark.parametrize(
    ("member", "rule"),
    [
        ("41", "integer"),
        ("4.1e15", "float"),
        ("4111111111111111.0", "float"),
        ("NaN", "float"),
        ('"4.1E+15"', "scientific_notation"),
        ("true", "not_text"),
        ('["41"]', "not_text"),
        ('{"a": "41"}', "not_text"),
        ('"\\ud800"', "encoding"),
        ('"\\u0000"', "nul"),
    ],
)
def test_what_is_no_text_is_refused_by_name(service: Service, files: Files, member: str, rule: str) -> None:
    """It is null in the output, and the rest of its line stays."""
    files.write(f'{{"a":1,"card":{member},"b":2}}\n')
    assert run(service, files).code == 1
    assert files.made == '{"a":1,"card":null,"b":2}\n'
    assert [(bad["row"], bad["column"], bad["rule"]) for bad in files.bad_rows] == [(1, "card", rule)]
    assert service.seen == []


def test_integers_keep_their_digits_if_the_map_says_so(service: Service, files: Files) -> None:
    """All of them, which a float would not; the token is a string."""
    files.write('{"card":1234567890123456789012}\n{"card":1.0}\n', CARD + 'integers = "digits"\n')
    assert run(service, files).code == 1
    assert files.made == '{"card":"2109876543210987654321"}\n{"card":null}\n'
    assert [bad["rule"] for bad in files.bad_rows] == ["float"]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('["41"]', "not_json"),
        ('{"card":"41"', "not_json"),
        ('{"card":"41"} {"card":"42"}', "not_json"),
        ("41", "not_json"),
        ("[" * 100_000, "not_json"),
        ('{"card":"41","card":"42"}', "duplicate_member"),
    ],
)
def test_a_line_that_cannot_be_told_apart_is_null(
    service: Service, files: Files, line: str, rule: str
) -> None:
    """A value may stand anywhere in it; the lines after it stay in their places."""
    files.write(f'{line}\r\n{{"card":"43"}}\n')
    assert run(service, files).code == 1
    assert files.made == 'null\r\n{"card":"34"}\n'
    assert [(bad["row"], bad["column"], bad["rule"]) for bad in files.bad_rows] == [(1, None, rule)]


def test_subject_and_metadata_are_members_too(service: Service, files: Files) -> None:
    """Numbers as their digits; a missing subject is refused, missing metadata is left out."""
    files.write(
        '{"id":7,"card":"41","country":"SE"}\n{"card":"42"}\n{"id":"c","card":"43"}\n',
        CARD + 'subject = "id"\nmetadata = ["country"]\n',
    )
    assert run(service, files).code == 1
    assert [bad["rule"] for bad in files.bad_rows] == ["subject_missing"]
    assert service.seen[0].body["items"] == [
        {"type": "card_number", "value": "41", "subject": "7", "metadata": {"country": "SE"}},
        {"type": "card_number", "value": "43", "subject": "c"},
    ]


def test_a_map_may_refuse_a_missing_member(service: Service, files: Files) -> None:
    """Like an empty one."""
    files.write('{"id":7}\n{"card":""}\n', CARD + 'empty = "refuse"\n')
    assert run(service, files).code == 1
    assert [bad["rule"] for bad in files.bad_rows] == ["empty", "empty"]


def test_another_encoding_is_refused(service: Service, files: Files) -> None:
    """By name."""
    files.write('{"card":"41"}\n'.encode("utf-16"))
    assert "the input is UTF-16" in run(service, files).err
