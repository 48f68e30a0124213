"""The page that compares our formats with other libraries says what its table of kinds says."""

import re
from pathlib import Path

import pytest

from tests.support.compared import drawing, run
from tests.support.compared.kind import Difference, Kind, kind_of
from tests.support.compared.table import KINDS
from tests.support.formats_compared import PAGE, page, shown, version

EVERY = [(library, name, kind) for library, (name, kinds) in KINDS.items() for kind in kinds]
every_kind = pytest.mark.parametrize(
    ("library", "name", "kind"), EVERY, ids=[f"{library}: {kind.name}" for library, _, kind in EVERY]
)


def test_the_page_is_what_the_table_of_kinds_makes_of_its_counts() -> None:
    """A kind that is added, changed or dropped fails here; `make formats-compared` writes the page."""
    text = PAGE.read_text(encoding="utf-8")
    sections = dict(zip(KINDS, text.split("\n## ")[1:], strict=True))
    asked, found = {}, {}
    for library, section in sections.items():
        [values] = re.findall(r"^([0-9,]+) values;", section, re.MULTILINE)
        asked[library] = int(values.replace(",", ""))
        found[library] = {
            kind.name: int(count.replace(",", ""))
            for kind in KINDS[library][1]
            for count in re.findall(rf"^\| {re.escape(kind.name)} \| ([0-9,]+) \|", section, re.MULTILINE)
        }
    assert text == page(asked, found)
    assert min(min(counts.values()) for counts in found.values()) > 0
    assert sum(asked.values()) >= 100_000


@every_kind
def test_our_side_of_each_example_is_as_the_page_says(library: str, name: str, kind: Kind) -> None:
    """Taken in this canonical form, or refused; and the canonical form is taken again."""
    example = kind.example
    assert run.ours(name, example.scheme, example.value) == example.ours
    assert example.ours != example.theirs
    if example.ours is not None:
        assert run.ours(name, example.scheme, example.ours) == example.ours
    if example.respelled and example.theirs is not None:
        assert run.ours(name, example.scheme, example.theirs) is not None


@every_kind
def test_each_example_is_of_its_own_kind(library: str, name: str, kind: Kind) -> None:
    """The classifier puts it where the page has it, and says who is right by which rule."""
    assert kind_of(kind.example, KINDS[library][1]) is kind
    assert kind.right in ("tokenvault", library, "both")
    assert len(kind.standard) > 20


def test_an_unknown_disagreement_is_of_no_kind() -> None:
    """The classifier has no last kind that takes everything."""
    unknown = Difference("?", "a", "b", scheme="lei")
    assert {library: kind_of(unknown, kinds) for library, (_, kinds) in KINDS.items()} == dict.fromkeys(KINDS)


def test_the_generator_fails_for_a_disagreement_of_no_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left out of the page in silence, nor does a kind stay there that no value shows."""
    name, kinds = KINDS["phonenumbers"]
    monkeypatch.setattr(drawing, "phones", lambda: iter(["+44 20 7946 0ABC"]))
    monkeypatch.setattr(run, "KINDS", {"phonenumbers": (name, ())})
    with pytest.raises(AssertionError, match="a disagreement of no kind"):
        run.counted("phonenumbers", Path())
    monkeypatch.setattr(run, "KINDS", {"phonenumbers": (name, kinds)})
    with pytest.raises(AssertionError, match="no value shows"):
        run.counted("phonenumbers", Path())


@pytest.mark.parametrize("library", ["phonenumbers", "python-stdnum"])
def test_their_side_of_each_example_is_as_the_page_says(library: str) -> None:
    """Of the libraries that the product uses itself; of the others the generator tries it."""
    run.hold_examples(library, KINDS[library][1], Path())


def test_what_cannot_be_seen_is_written() -> None:
    """Ends, signs without width and long runs."""
    assert shown(" a\u200bb\n") == "`<U+0020>a<U+200B>b<U+000A>`"
    assert shown("x" * 65) == "`x<65 times>`"


def test_versions_are_those_that_are_pinned() -> None:
    """In requirements.txt, requirements-compare.txt and tests/nightly/npm."""
    assert version("card-validator") == "10.0.4"
    assert version("python-stdnum") == "2.2"
