"""How errors tell of a file that the user named: by its name, unless what was given may be a value."""

from pathlib import Path
from typing import Final

_ENDINGS: Final = frozenset(
    {".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".toml", ".txt"}
    | {".der", ".export", ".gz", ".jwk", ".jwt", ".key", ".pem", ".pub"}
)
"""None is a domain's, so that no address ends so, and no number does."""


def unusable(option: str, given: str | Path, error: OSError | ValueError) -> str:
    """Why a file cannot be used, as `--map: map.toml: No such file or directory`."""
    why = getattr(error, "strerror", None) or "no such file"
    if Path(given).suffix.lower() in _ENDINGS:
        return f"{option}: {given}: {why}"
    return f"{option}: {why} (what was given is not repeated: it may be a value)"
