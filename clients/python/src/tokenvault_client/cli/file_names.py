"""How errors tell of a file that the user named: by its name, unless what was given may be a value."""

from pathlib import Path
from typing import Final

from tokenvault_client.cli.exits import UsageError

_ENDINGS: Final = frozenset(
    {".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".toml", ".txt"}
    | {".der", ".export", ".gz", ".jwk", ".jwt", ".key", ".pem", ".pub"}
)
"""None is a domain's, so that no address ends so, and no number does."""


def refuse_folder(option: str, given: Path) -> None:
    """Raises `UsageError` for a folder where the name of a file to be made is needed."""
    if given.name in ("", "..") or given.is_dir():
        raise UsageError(f"{option}: a folder; the name of a new file in it is needed")


def unusable(option: str, given: str | Path, error: OSError | ValueError) -> str:
    """Why a file cannot be used, as `--map: map.toml: No such file or directory`."""
    why = getattr(error, "strerror", None) or "no such file"
    if Path(given).suffix.lower() in _ENDINGS:
        return f"{option}: {given}: {why}"
    return f"{option}: {why} (what was given is not repeated: it may be a value)"
