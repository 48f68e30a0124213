"""What the documents name exists: links, anchors, files, tests; and their sums are right."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.leaks_page import PAGE as LEAKS
from tests.support.leaks_page import set_in, steps, variables

ROOT = Path(__file__).resolve().parents[2]
COMPLIANCE = ROOT / "docs/compliance.md"
CONSISTENCY = ROOT / "docs/consistency.md"
IGNORED = {
    ".venv",
    ".venv-checkov",
    ".venv-compare",
    ".venv-evidence",
    ".venv-ministack",
    ".venv-peers",
    ".venv-pythons",
    ".venv-readers",
    ".venv-spark",
    ".local",
    ".terraform",
    "build",
    "node_modules",
    ".pytest_cache",
}
DOCUMENTS = sorted(path for path in ROOT.rglob("*.md") if not IGNORED & set(path.relative_to(ROOT).parts))
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
IN_REPOSITORY = (
    "app.py", "benchmarks/", "bulklib/", "chalicelib/", "clients/", "docs/", "examples/", "findings/",
    "local/", "requirements", "terraform/", "tests/",
)  # fmt: skip
VARIABLE = re.compile(r"\$([A-Z_]+)\b")
COMMAND = re.compile(r"(?<![\w.-])make ([a-z][a-z-]+)")
WRITTEN_LATER = {"terraform/backend.tf", "terraform/.terraform.lock.hcl"}
"""Files that the adopter makes by following the document."""


def prose(document: Path) -> str:
    """The text without its blocks of code."""
    return re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def bases(document: Path) -> set[Path]:
    """Where a path that a document names may begin: at the top, or for Terraform's pages at its root."""
    return {ROOT, ROOT / "terraform"} if "terraform" in document.parts else {ROOT}


def label(document: Path) -> str:
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=label)
def test_every_link_leads_somewhere(document: Path) -> None:
    """Each relative link is a file of the repository, and each anchor a heading of it."""
    links = [link for link in LINK.findall(prose(document)) if not link.startswith("https://")]
    for link in links:
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=label)
def test_every_file_and_test_that_is_named_exists(document: Path) -> None:
    """Each path in `code` is there, and each test behind `::` is defined in its file."""
    named = [code for code in CODE.findall(prose(document)) if code.startswith(IN_REPOSITORY)]
    for name in named:
        path, _, test = name.partition("::")
        if "<" in path or "…" in path or " " in path:
            continue  # A pattern, or a command.
        found = [match for base in bases(document) for match in base.glob(path.rstrip("/"))]
        assert path in WRITTEN_LATER or found, name
        if test:
            defined = {
                node.name
                for node in ast.walk(ast.parse((ROOT / path).read_text()))
                if isinstance(node, ast.FunctionDef)
            }
            assert test in defined, name


@pytest.mark.parametrize("document", DOCUMENTS, ids=label)
def test_every_make_target_that_is_named_exists(document: Path) -> None:
    """In text and in blocks of code."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    code = [*CODE.findall(prose(document)), *re.findall(r"```.*?```", document.read_text(), re.DOTALL)]
    assert {name for text in code for name in COMMAND.findall(text)} <= targets


def test_the_glossary_is_what_the_code_says() -> None:
    """Each name of its last column is a name in the code, and no row lacks a meaning."""
    rows = [
        line.split("|")[1:-1] for line in (ROOT / "docs/glossary.md").read_text().splitlines()[7:] if line
    ]
    assert len(rows) > 30
    words = set(re.findall(r"\w+", "".join(p.read_text() for p in (ROOT / "chalicelib").rglob("*.py"))))
    for term, meaning, _, names in rows:
        assert term.strip(), term
        assert meaning.strip(), term
        assert set(CODE.findall(names)) <= words, term


def test_every_requirement_has_a_test_or_is_the_adopters() -> None:
    """A row of the compliance table names what holds it, or says plainly that nothing does."""
    lines = prose(COMPLIANCE).splitlines()
    rows = [line.split("|")[1:-1] for line in lines if re.match(r"\| (\d|A1)", line)]
    assert len(rows) >= 25
    for requirement, control, where, held in rows:
        theirs = "**Yours**" in control or "AWS's" in control
        assert theirs or ("`" in where and "::" in held), requirement


def test_every_outcome_in_two_regions_has_a_test() -> None:
    """A row of the table of concurrent operations names what holds it, and leaves nothing out."""
    table = prose(CONSISTENCY).split("| here |")[1].split("\n\n")[0]
    rows = [line.split("|")[1:-1] for line in table.splitlines()[2:]]
    assert len(rows) >= 15
    for here, there, outcome, held in rows:
        assert all(cell.strip() for cell in (here, there, outcome)), held
        assert "::" in held, (here, there)


def test_every_step_of_a_leak_has_a_test_or_is_the_adopters() -> None:
    """Each leak says what the thief can and cannot, and what stays valid; each row names what holds it."""
    leaks = [text for text in prose(LEAKS).split("\n## ")[1:] if not text.startswith("Steps")]
    assert len(leaks) == 7
    for leak in leaks:
        assert all(part in leak for part in (" can |", "| cannot |", "| stays valid |")), leak
        rows = [line.split("|")[1:-1] for line in leak.splitlines() if re.match(r"\| \d\. ", line)]
        assert rows, leak
        for _, stops, held in rows:
            assert stops.strip(), leak
            assert "::" in held or held.strip() in ("the same test", "**Yours**"), held
        assert rows[0][2].strip() != "the same test", leak


def test_every_command_for_a_leak_is_carried_out() -> None:
    """The tests take each step's commands from the page, and each step is linked from a leak."""
    used = (ROOT / "tests/infrastructure/test_leaks.py").read_text()
    for heading in steps():
        assert f'STEPS["{heading}"].blocks' in used, heading
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        assert f"](#{anchor})" in LEAKS.read_text(), heading


def test_every_variable_of_a_command_for_a_leak_is_set() -> None:
    """At the head of the page, where the tests have the same ones, or in its own block."""
    for block in (block for step in steps().values() for block in step.blocks):
        assert set(VARIABLE.findall(block)) <= variables() | set_in(block)
    assert {"AWS_REGION", "AWS_DEFAULT_REGION"} <= variables(), "each aws command asks for a Region"
    tests = (ROOT / "tests/infrastructure/test_leaks.py").read_text()
    assert all(f'"{name}": ' in tests for name in variables())
