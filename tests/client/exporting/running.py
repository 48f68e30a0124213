"""The tool's commands of exports, run in this process."""

import io
import json
from pathlib import Path
from typing import Any

from tokenvault_client.cli import main as tool
from tokenvault_client.cli.arguments import parser
from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.session import Session

from tests.client.service import Service

ALL = [f"text {n}" for n in range(9)]
"""What the vault of these tests holds."""


def run(
    service: Service, *arguments: str, stdin: str = "", interactive: bool = False
) -> tuple[Exit, str, str]:
    """A run in this process: how it ended, and both outputs."""
    out, err = io.StringIO(), io.StringIO()
    chosen = parser().parse_args(arguments)
    streams = (io.BytesIO(stdin.encode()), out, err)
    environment = service.environment() | {"TOKENVAULT_TOKEN_CACHE": ""}
    session = Session(environment, *streams, interactive=interactive, as_json=chosen.json)
    return tool.run(session, chosen), out.getvalue(), err.getvalue()


def export(service: Service, place: Path, *more: str, **options: Any) -> tuple[Exit, str, str]:
    """`export run`, into `out` of that folder."""
    asked = ("--to", str(place / "recipient.pub"), "--purpose", "moving", "--out", str(place / "out"))
    return run(service, "export", "run", *asked, *(more or ("--yes",)), **options)


def opening(service: Service, place: Path, *names: str, **changed: str) -> tuple[Exit, str, str]:
    """`export open` of `out`, or of these files, into `values`."""
    files = {"key": "recipient.key", "public-key": "receipts.der", "out": "values"} | changed
    options = [text for option, file in files.items() for text in (f"--{option}", str(place / file))]
    return run(service, "export", "open", *(str(place / name) for name in names or ["out"]), *options)


def values(place: Path) -> list[str]:
    """What was opened, sorted."""
    return sorted(json.loads(line)["value"] for line in (place / "values").read_text().splitlines())
