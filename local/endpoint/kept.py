"""What Terraform knows of an emulator, kept beside its working copy, which each start makes afresh."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from local.endpoint.address import checked
from local.errors import StepError

STATE: Final = "terraform.tfstate"
_FOLDERS: Final = "endpoints"
_NOTE: Final = "applied.json"


@dataclass(frozen=True)
class Noted:
    """Which emulator a state is of, and the file of variables that were applied to it."""

    endpoint: str
    variables: str


@dataclass(frozen=True)
class Kept:
    """The folder of one emulator: a state, and a note of what it is of."""

    folder: Path

    @classmethod
    def of(cls, state: Path, endpoint: str) -> "Kept":
        """The folder of the emulator at an address, in the launcher's own."""
        return cls(state / _FOLDERS / urlsplit(endpoint).netloc.replace(":", "-"))

    def holds(self) -> bool:
        """Whether something is applied. A state that was cut short cannot say so, and counts."""
        try:
            text = (self.folder / STATE).read_text(encoding="utf-8")
            # Terraform makes an empty file before it writes a first state.
            return bool(text and json.loads(text)["resources"])
        except FileNotFoundError:
            return False
        except (ValueError, KeyError, TypeError):
            return True

    def note(self, noted: Noted) -> None:
        """Writes down whose it is, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        whole = self.folder / f"{_NOTE}.new"
        whole.write_text(json.dumps(vars(noted)), encoding="utf-8")
        whole.replace(self.folder / _NOTE)

    def noted(self) -> Noted:
        """Whose it is. Raises `StepError` when nothing readable says so."""
        try:
            said = json.loads((self.folder / _NOTE).read_text(encoding="utf-8"))
            return Noted(checked(said["endpoint"]), said["variables"])
        except (OSError, ValueError, KeyError, TypeError):
            raise StepError(f"{self.folder / _NOTE} does not say which emulator it is of.") from None

    def forget(self) -> None:
        """Once all of it is destroyed. The backup of the state holds the clients' secrets, too."""
        for name in (STATE, f"{STATE}.backup", _NOTE):
            (self.folder / name).unlink(missing_ok=True)


def left(state: Path) -> list[Kept]:
    """Each that holds something."""
    return [kept for folder in sorted((state / _FOLDERS).glob("*/")) if (kept := Kept(folder)).holds()]
