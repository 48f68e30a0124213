"""The file that holds an assertion: on a command line, other users would see it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tokenvault_client.cli.exits import UsageError
from tokenvault_client.cli.file_names import unusable


def assertions(file: str | None) -> Callable[[], str | None]:
    """What gives the assertion for each request, None where no file is named.

    An assertion lasts for minutes and a run may last for hours, so a file is read for each request:
    whoever replaces it keeps the run going. A pipe is read once. Raises `UsageError` if it holds none, at
    once or when it is read again.
    """
    if file is None:
        return lambda: None
    path = Path(file)
    again = path.is_file()
    first = _read(path)
    return partial(_read, path) if again else lambda: first


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise UsageError(unusable("--assertion-file", path, error)) from None
    except ValueError:
        raise UsageError("--assertion-file: cannot be read as a JWT") from None
    if not text:
        raise UsageError("--assertion-file: the file is empty")
    return text
