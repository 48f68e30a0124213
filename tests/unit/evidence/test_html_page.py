"""The page is safe to open, whole without a network, and readable without colours."""

import re
from html.parser import HTMLParser

import pytest

from tests.support.evidence.html_page import page
from tests.support.evidence.part import Part, State, Table

HOSTILE = '<script>alert("&\'1")</script>'
VOID = {"meta"}


class Reader(HTMLParser):
    """Elements with their attributes, all text, and whether each element that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def part(state: State = "recorded", text: str = "text", **more: object) -> Part:
    table = Table(text, [text, "state"], [[text, state], ["other", text]])
    return Part("name", text, state, text, {"a": 1}, [table], **more)  # type: ignore[arg-type]


def test_every_text_is_escaped() -> None:
    """Titles, summaries, captions, heads, cells, facts and what is missing: each as it was said."""
    written = page(HOSTILE, [[HOSTILE, HOSTILE]], [part(text=HOSTILE, missing=[HOSTILE])])
    read = Reader(written)
    assert not read.open
    assert "script" not in {tag for tag, _ in read.elements}
    assert "".join(read.text).count(HOSTILE) >= 10
    assert "<script" not in written


def test_the_page_needs_nothing_of_others() -> None:
    """No script, no style or picture from elsewhere: what was filed shows the same in ten years."""
    read = Reader(page("title", [["a", "b"]], [part()]))
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in read.elements}
    assert not [attributes for _, attributes in read.elements if {"src", "href", "onload"} & set(attributes)]
    assert "url(" not in page("title", [["a", "b"]], [part()])


def test_the_page_can_be_listened_to() -> None:
    """A language, one first heading, and tables with captions, heads of columns and heads of rows."""
    read = Reader(page("title", [["a", "b"]], [part(), part()]))
    tags = [tag for tag, _ in read.elements]
    assert ("html", {"lang": "en"}) in read.elements
    assert tags.count("h1") == 1
    assert tags.count("caption") == tags.count("table") == 4
    heads = [attributes["scope"] for tag, attributes in read.elements if tag == "th"]
    assert set(heads) == {"col", "row"}


@pytest.mark.parametrize(
    ("state", "kind"), [("failed", "failed"), ("not checked", "missing"), ("incomplete", "missing")]
)
def test_what_does_not_hold_shows(state: State, kind: str) -> None:
    """In a word and in a colour, in the list of parts and in the part's own table."""
    written = page("title", [["a", "b"]], [part(state)])
    assert written.count(f'<td class="{kind}">{state}</td>') == 2
    assert f": {state}</h2>" in written
    assert not re.search(r'<td class="(failed|missing)">', page("title", [["a", "b"]], [part("passed")]))


def test_what_is_missing_is_listed() -> None:
    """Each thing with its reason; and that nothing is, is said."""
    assert "<li>the stack: none is up</li>" in page(
        "t", [["a", "b"]], [part(missing=["the stack: none is up"])]
    )
    assert "<p>Nothing.</p>" in page("t", [["a", "b"]], [part()])
