"""Nobody is told to install a name that a stranger could take, or has taken: it would get client secrets."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALL = re.compile(
    r"(?:(?:pipx?|uv|poetry|conda)3? +(?:pip +)?(?:install|add|run|tool)"
    r"|(?:p?npm|yarn|bun) +(?:install|i|add))\b[^\n`]*"
)
OURS = re.compile(
    r"(?<![\w./-])tokenvault(?:[-_]client)?(?![\w/.-]*\.(?:whl|tar\.gz|tgz))(?:\[[a-z,]+\])?(?=['\"\s`=<>~;,)@]|$)"
)
"""Our names where a package index would be asked for them: neither in a path nor in a file's name."""


def advice(text: str) -> list[str]:
    """The commands of a text that ask an index for one of our names."""
    return [command for command in INSTALL.findall(text) if OURS.search(command)]


def texts() -> list[Path]:
    """The text files of the repository."""
    kinds = {".md", ".py", ".ts", ".toml", ".yml", ".yaml", ".tf", ".sh", ".txt", ".json", ""}
    found = []
    for folder, below, files in os.walk(ROOT):
        below[:] = [
            name for name in below if name in (".ci", ".github") or not name.startswith((".", "node_"))
        ]
        found += [Path(folder, name) for name in files if Path(name).suffix in kinds]
    return [path for path in found if path.is_file() and path != Path(__file__).resolve()]


def test_nothing_tells_to_install_a_name_that_is_not_held() -> None:
    """In README, docs, error messages, workflows: from the checkout or a release file only."""
    found = {str(path): advice(path.read_text(errors="replace")) for path in texts()}
    assert len(found) > 100
    assert {path: commands for path, commands in found.items() if commands} == {}


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("pip install tokenvault-client             # or", True),
        ("needs: pip install 'tokenvault-client[verify]'", True),
        ("pip install tokenvault", True),
        ("uv add tokenvault-client==0.1", True),
        ("npm install tokenvault-client", True),
        ("pnpm add tokenvault-client@0.1.0", True),
        ("npm install ./tokenvault-client-0.1.0.tgz", False),
        ("npm pack ./clients/typescript", False),
        ("pip install ./clients/python", False),
        ("pip install './clients/python[verify,audit]'", False),
        ("pip install tokenvault_client-0.1.0-py3-none-any.whl", False),
        ("pip install boto3", False),
    ],
)
def test_the_check_knows_a_name_from_a_path(text: str, bad: bool) -> None:
    """A checkout and a release file are nobody else's to take."""
    assert bool(advice(text)) is bad
