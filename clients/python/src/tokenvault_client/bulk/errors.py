"""What stops an import. Texts name files, columns and rules, never a value."""

from tokenvault_client.errors import TokenvaultError


class NotImportable(TokenvaultError):
    """The map, the file or the state of an earlier run is not what an import can work with."""


class NotWritten(TokenvaultError):
    """The output, its journal or the file of bad rows could not be written. The text says why."""


class TooManyErrors(TokenvaultError):
    """More cells are bad than the caller wanted to accept."""


class BadValue(Exception):
    """A cell that is not sent: the rule that it breaks, and a sentence about that rule."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule, self.detail = rule, detail
