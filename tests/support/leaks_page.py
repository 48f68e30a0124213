"""The steps of `docs/leaks.md`, as tests carry them out: the commands and the seconds stand there alone."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/leaks.md"
_COMMANDS = {"aws": "tests.support.aws_command", "tokenvault": "tokenvault_client"}
_STEP = re.compile(r"^### (.+)\n((?:(?!^#).*\n)+)", re.MULTILINE)
_BLOCK = re.compile(r"```(sh|hcl)\n(.*?)```", re.DOTALL)
_LIMIT = re.compile(r"at\s+most\s+(\d+)\s+s\b")


@dataclass(frozen=True)
class Step:
    """A step: its blocks of commands or of variables, and within how many seconds it is done."""

    blocks: tuple[str, ...]
    limit: float


def steps() -> dict[str, Step]:
    """All steps by their headings. Raises `ValueError` for one without a block or a limit."""
    found = {}
    for heading, text in _STEP.findall(PAGE.read_text() + "\n"):
        blocks = tuple(block for _, block in _BLOCK.findall(text))
        limits = _LIMIT.findall(text)
        if not blocks or len(limits) != 1:
            raise ValueError(f"the step {heading} needs a block and one number of seconds")
        found[heading] = Step(blocks, float(limits[0]))
    return found


def shell(folder: Path, script: str, variables: Mapping[str, str] | None = None) -> str:
    """What a block of the page prints in a folder, by commands of these names. Fails as the block does."""
    bin_folder = folder / "bin"
    bin_folder.mkdir(exist_ok=True)
    for name, module in _COMMANDS.items():
        (bin_folder / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        (bin_folder / name).chmod(0o755)
    environment = {
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "clients/python/src")]),
        **(variables or {}),
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def variables() -> set[str]:
    """The variables of the shell that the page sets before it begins."""
    first = _BLOCK.search(PAGE.read_text())
    assert first is not None
    return set_in(first[2])


def set_in(block: str) -> set[str]:
    """The variables of the shell that a block sets."""
    return set(re.findall(r"(?:^|\s)([A-Z_]+)=", block))
