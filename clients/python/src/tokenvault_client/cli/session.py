"""What a command works with: the process's streams and environment, as arguments."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from tokenvault_client.cli.exits import UsageError
from tokenvault_client.client import Client


@dataclass(frozen=True)
class Session:
    """One run of the tool. `as_json` is what `--json` chose; `interactive` says that somebody sits there."""

    environment: Mapping[str, str]
    stdin: BinaryIO
    stdout: TextIO
    stderr: TextIO
    interactive: bool
    as_json: bool

    def client(self) -> Client:
        """A client from the environment. Raises `ConfigurationError`."""
        return Client.from_env(self.environment)

    def say(self, text: str) -> None:
        """Something for whoever runs the tool, apart from its results."""
        self.stderr.write(f"{text}\n")

    def result(self, fields: Mapping[str, Any], plain: str) -> None:
        """One result: a line of JSON, or the plain text of it."""
        self.stdout.write(f"{json.dumps(fields) if self.as_json else plain}\n")

    @contextmanager
    def reading(self, path: str | None, option: str) -> Iterator[BinaryIO]:
        """A file, or stdin where none is named or `-` is. Raises `UsageError`."""
        if path is None or path == "-":
            if self.interactive:
                self.say("reading from the terminal; Ctrl-D ends it")
            yield self.stdin
            return
        try:
            file = Path(path).open("rb")  # noqa: SIM115  # closed below; only opening is guarded here
        except (OSError, ValueError) as error:
            # The path is not repeated: it may be a value that was given in the wrong place.
            raise UsageError(f"{option}: {getattr(error, 'strerror', None) or 'no such file'}") from None
        with file:
            yield file
