"""What a command works with: the process's streams and environment, as arguments."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from tokenvault_client.cli import printing
from tokenvault_client.cli.exits import OutputFailed, UsageError
from tokenvault_client.cli.file_names import unusable
from tokenvault_client.client import Client
from tokenvault_client.errors import ConfigurationError
from tokenvault_client.granting import claims
from tokenvault_client.people import PersonTokens, SignIn, Store
from tokenvault_client.people.opening import cache_folder, endpoint_of, store_of
from tokenvault_client.retries import Retries
from tokenvault_client.settings import OF_SERVICES, VARIABLES, Settings


@dataclass(frozen=True)
class Session:
    """A run of the tool. `as_json` is what `--json` chose; `interactive` says that somebody sits there.

    `stdin` is None if the tool was started with a closed one.
    """

    environment: Mapping[str, str] = field(repr=False)
    stdin: BinaryIO | None
    stdout: TextIO
    stderr: TextIO
    interactive: bool
    as_json: bool

    def client(self, retries: Retries | None = None) -> Client:
        """A client from the environment, whose access tokens the next run uses too.

        Without secret and API key in the environment, it is whoever signed in. Raises `ConfigurationError`.
        """
        if (person := self._person(retries)) is not None:
            return person
        settings = Settings.from_env(self.environment)
        if "TOKENVAULT_TOKEN_CACHE" not in self.environment:
            settings = replace(settings, token_cache=cache_folder(self.environment))
        return Client(settings, retries=retries)

    def caller(self) -> list[str]:
        """Whose requests the client's are: which service, which client of it, and who signed in, if anybody.

        Raises `ConfigurationError`.
        """
        if (signed_in := self._signed_in()) is None:
            settings = Settings.from_env(self.environment)
            return [settings.url, settings.client_id]
        settings, _, sign_ins = signed_in
        return [settings.url, settings.client_id, str(claims(sign_ins[0].access_token).get("sub"))]

    def _person(self, retries: Retries | None) -> Client | None:
        """The client as whoever signed in uses it; None if a service is meant, or nobody signed in."""
        if (signed_in := self._signed_in()) is None:
            return None
        settings, store, _ = signed_in
        return Client(settings, retries=retries, access_tokens=PersonTokens(store, endpoint_of(settings)))

    def _signed_in(self) -> tuple[Settings, Store, list[SignIn]] | None:
        """Where a person is signed in, and what is kept of that."""
        if any(self.environment.get(VARIABLES[name]) for name in OF_SERVICES):
            return None
        try:
            settings = Settings.from_env(self.environment, for_person=True)
            store = store_of(self.environment, settings)
        except ConfigurationError:
            return None  # what is missing is told with the rest that a service needs
        sign_ins = store.read()
        return (settings, store, sign_ins) if sign_ins else None

    def say(self, text: str) -> None:
        """Something for the user of the tool, apart from its results. It is lost if stderr takes no more.

        Lines that would steer the terminal are escaped: they may repeat what somebody else wrote.
        """
        lines = "\n".join(printing.tame(line) for line in text.split("\n"))
        with contextlib.suppress(OSError):
            self.stderr.write(f"{lines}\n")

    def result(self, fields: Mapping[str, Any], plain: str) -> None:
        """A result: a line of JSON, or the plain text of it. Raises `OutputFailed` and `BrokenPipeError`."""
        with _output():
            self.stdout.write(f"{json.dumps(fields, default=str) if self.as_json else plain}\n")

    def flush(self) -> None:
        """Hands on the results so far. Raises `OutputFailed` and `BrokenPipeError`."""
        with _output():
            self.stdout.flush()

    def confirm(self, question: str, *, otherwise: str, why: str) -> None:
        """Asks whoever sits there. Raises `UsageError`: `otherwise` for a no, `why` if nobody does."""
        if not self.interactive:
            raise UsageError(f"{why}; say that you mean it with --yes")
        self.stderr.write(f"{question} Type yes: ")
        self.stderr.flush()
        if self.stdin is None or self.stdin.readline().strip() != b"yes":
            raise UsageError(otherwise)

    @contextlib.contextmanager
    def reading(self, path: str | None, option: str) -> Iterator[BinaryIO]:
        """A file, or stdin if none is named or `-` is. Raises `UsageError`."""
        if path is None or path == "-":
            if self.stdin is None:
                raise UsageError(f"stdin is closed; name a file, with {option}")
            if self.interactive:
                self.say("reading from the terminal; Ctrl-D ends it")
            yield self.stdin
            return
        try:
            file = Path(path).open("rb")  # noqa: SIM115  # closed below; only opening is guarded here
        except (OSError, ValueError) as error:
            raise UsageError(unusable(option, path, error)) from None
        with file:
            yield file


@contextlib.contextmanager
def _output() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise OutputFailed(f"the output could not be written: {reason}") from None
