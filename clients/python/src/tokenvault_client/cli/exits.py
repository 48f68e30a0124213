"""How the tool ends."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; part of the tool's interface."""

    OK = 0
    SOME_FAILED = 1
    USAGE = 2
    REFUSED = 3
    UNAVAILABLE = 4
    NOT_VERIFIED = 5
    OUTPUT_FAILED = 6
    NOT_CHECKED = 7
    INTERRUPTED = 130


class UsageError(Exception):
    """The tool was called with something that it cannot use. The text names it and never quotes a value."""


class OutputFailed(Exception):
    """The output could not be written, on a full disk for one. The text says why, as the system does."""

    @classmethod
    def of(cls, error: OSError) -> "OutputFailed":
        """Of any of the files that a run reads and writes."""
        return cls(f"a file could not be read or written: {error.strerror or 'unknown reason'}")


class Interrupted(KeyboardInterrupt):
    """The run was interrupted where that may leave something behind. The text says what, and what to do."""
