"""The tool's commands of new tokens for a type, run on an account."""

import io
import json
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenvault_client.cli import main as tool_main
from tokenvault_client.cli.arguments import parser
from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.session import Session

from tests.client import tool
from tests.client.operated import lambdas
from tests.client.service import Service
from tests.support.world import World

ALL = [f"text {n}" for n in range(9)]
"""What the vault of these tests holds of the type."""
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
FILES = {"key": "recipient.key", "public-key": "receipts.der"}


@dataclass
class Vault:
    """An account with its functions, its API, and a folder with the keys of a recipient."""

    account: World
    service: Service
    place: Path
    answer: Callable[[str, dict[str, Any]], Any]

    def operate(self, command: str, *more: str) -> tool.Ended:
        """A command that asks the functions, as a process."""
        named = ("--stack", str(self.place / "outputs.json"))
        if command != "prepare":
            named += ("--tenant", "shop")
        with lambdas(self.answer) as url:
            environment = {"AWS_ENDPOINT_URL": url, **CREDENTIALS}
            return tool.run(environment, "retokenize", command, *more, *named)

    def move(self, *more: str, out: str = "pairs") -> tool.Ended:
        """`retokenize run` for the type, into a file of the folder."""
        to, file = str(self.place / "recipient.pub"), str(self.place / out)
        asked = ("--type", "text_known", "--to", to, "--out", file, "--items-per-second", "99999")
        return self.operate("run", *asked, *(more or ("--yes",)))

    def use(
        self,
        command: str,
        name: str = "pairs",
        *more: str,
        stdin: str = "",
        interactive: bool = False,
        chosen: Namespace | None = None,
    ) -> tuple[Exit, str, str]:
        """`open` or `retire` of a file, in this process: how it ended, and both outputs."""
        options = [text for option, file in FILES.items() for text in (f"--{option}", str(self.place / file))]
        out, err = io.StringIO(), io.StringIO()
        chosen = chosen or parser().parse_args(
            ["retokenize", command, str(self.place / name), *options, *more]
        )
        environment = self.service.environment() | {"TOKENVAULT_TOKEN_CACHE": ""}
        streams = (io.BytesIO(stdin.encode()), out, err)
        session = Session(environment, *streams, interactive=interactive, as_json=chosen.json)
        return tool_main.run(session, chosen), out.getvalue(), err.getvalue()

    def pairs(self, name: str = "pairs") -> dict[str, str]:
        """Old tokens with their new ones, as the tool opens the file."""
        made = self.place / f"{name}.jsonl"
        end, _, err = self.use("open", name, "--out", str(made))
        assert end in (Exit.OK, Exit.SOME_FAILED), err
        entries = [json.loads(line) for line in made.read_text().splitlines()]
        made.unlink()
        return {entry["token"]: entry["new_token"] for entry in entries if "error" not in entry}

    def retire(self, *more: str, name: str = "pairs", **options: Any) -> tuple[Exit, str, str]:
        """`retokenize retire` of a file."""
        return self.use("retire", name, *(more or ("--yes",)), **options)

    def values(self, *tokens: str) -> list[str | None]:
        """What each token opens as; None if it does not."""
        shown = self.account.detokenize(*tokens).body["results"]
        return [entry.get("value") for entry in shown]
