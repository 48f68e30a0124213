"""What an export is asked for, as the tool reads it from its options and the files that they name."""

import argparse
from dataclasses import dataclass
from typing import Any, Final

from tokenvault_client.cli.session import Session
from tokenvault_client.export.recipients import Recipient, read_recipient

_MOST_KEY_BYTES: Final = 64 * 1024


@dataclass(frozen=True)
class Terms:
    """What is asked for: to whom, of which types, for what."""

    recipient: Recipient
    types: tuple[str, ...] | None
    purpose: str

    @property
    def asked(self) -> dict[str, Any]:
        """What the part of the file notes, to go on with nothing else."""
        types = None if self.types is None else list(self.types)
        return {"recipient_sha256": self.recipient.fingerprint, "types": types, "purpose": self.purpose}

    def told(self) -> str:
        """The same for reading."""
        types = "all that the client may use" if self.types is None else ", ".join(self.types)
        return "\n".join(
            (
                f"types:      {types}",
                f"purpose:    {self.purpose}",
                f"recipient:  {self.recipient.fingerprint}",
            )
        )


def terms_of(session: Session, chosen: argparse.Namespace) -> Terms:
    """The terms that were chosen."""
    types = None if chosen.types is None else tuple(sorted(set(chosen.types)))
    return Terms(recipient_of(session, chosen.to, "--to"), types, chosen.purpose)


def recipient_of(session: Session, path: str, option: str) -> Recipient:
    """The recipient whose public key a file holds."""
    return read_recipient(content_of(session, path, option))


def content_of(session: Session, path: str, option: str) -> bytes:
    """What a file with a key holds."""
    with session.reading(path, option) as file:
        return file.read(_MOST_KEY_BYTES)
