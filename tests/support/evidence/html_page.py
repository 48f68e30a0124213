"""The page of the folder: one file without scripts, fonts or addresses of others; every text is escaped."""

from collections.abc import Sequence
from html import escape
from typing import Final

from tests.support.evidence.part import Part, Table

STYLE: Final = """
body { font: 16px/1.5 sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
body { color: #111; background: #fff }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
caption { text-align: left; font-weight: bold; padding: .3rem 0 }
th, td { border: 1px solid #767676; padding: .3rem .5rem; text-align: left; vertical-align: top }
th, td { overflow-wrap: anywhere }
td { white-space: pre-line }
.failed { background: #ffd9d9; font-weight: bold }
.missing { background: #fff0c2 }
.failed, .missing, .well { white-space: nowrap }
"""
CLASSES: Final = (
    {"failed": "failed"}
    | dict.fromkeys(("not checked", "incomplete"), "missing")
    | dict.fromkeys(("passed", "recorded", "ok"), "well")
)
"""Classes of the words that say how something stands. The word says it too, for whoever sees no colours."""


def page(title: str, facts: Sequence[Sequence[str]], parts: Sequence[Part]) -> str:
    """The whole page, failures and what is missing first."""
    missing = [line for part in parts for line in part.missing]
    body = [
        f"<h1>{escape(title)}</h1>",
        _table(Table("What this is of", ["what", "value"], facts)),
        _table(Table("Parts", ["part", "state", "in short", "file"], [_row(part) for part in parts])),
        '<h2 id="missing">What is missing</h2>',
        _list(missing) if missing else "<p>Nothing.</p>",
        *(_section(part) for part in parts),
    ]
    return "\n".join([*_head(title), "<body>", "<main>", *body, "</main>", "</body>", "</html>", ""])


def _head(title: str) -> list[str]:
    return [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
    ]


def _row(part: Part) -> list[str]:
    return [part.title, part.state, part.summary, f"{part.name}.json" if part.data is not None else "none"]


def _section(part: Part) -> str:
    heading = f'<h2 id="{escape(part.name)}">{escape(part.title)}: {escape(part.state)}</h2>'
    tables = [_table(table) for table in part.tables]
    return "\n".join([heading, f"<p>{escape(part.summary)}</p>", *tables])


def _list(lines: Sequence[str]) -> str:
    return "<ul>\n" + "\n".join(f"<li>{escape(line)}</li>" for line in lines) + "\n</ul>"


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.header)
    rows = "\n".join(f"<tr>{_cells(row)}</tr>" for row in table.rows)
    caption = f"<caption>{escape(table.caption)}</caption>"
    return f"<table>\n{caption}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"


def _cells(row: Sequence[str]) -> str:
    """The first cell names the row."""
    first, *others = row
    return f'<th scope="row">{escape(first)}</th>' + "".join(_cell(text) for text in others)


def _cell(text: str) -> str:
    kind = CLASSES.get(text)
    return f'<td class="{kind}">{escape(text)}</td>' if kind else f"<td>{escape(text)}</td>"
