"""Subjects, the people whom values belong to: what a store keeps of them, and what is asked of it.

A subject's secrets are written once under random ids, so that two Regions never overwrite each other's; a
record names the one that it was sealed with. Destroying the secrets closes the records for good, in
every copy. So they are read at each request, never cached, and never in a backup.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.errors import RecordCorrupt
from chalicelib.model import SubjectSecret
from chalicelib.sensitive import Sensitive
from chalicelib.vault.tokens import SecretReference


@dataclass(frozen=True)
class Erasure:
    """When a subject was erased (a Unix time), and how many secrets and tokens there were then.

    `tokens_sha256` is the digest of the tokens (`chalicelib.crypto.receipts.tokens_digest`); markers of
    earlier releases have none.
    """

    at: int
    secrets: int
    tokens: int
    tokens_sha256: str | None = None


@dataclass(frozen=True)
class StoredSubject:
    """What lies under a subject: secrets by id, or that the subject was erased.

    What does not parse is there as its error: a spoiled secret is a secret, which opens nothing and can be
    destroyed, and a spoiled marker says that the subject was erased, if no longer when.
    """

    secrets: Mapping[str, bytes | RecordCorrupt] = field(default_factory=dict, repr=False)
    erased: Erasure | RecordCorrupt | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether nothing lies there: the subject never had a value, and was not erased."""
        return not self.secrets and self.erased is None

    def sealing_secret(self, subject: str) -> SubjectSecret | RecordCorrupt | None:
        """The secret to seal a record with: any that parses will do, and all threads take the same.

        The error if none parses, None if there is none.
        """
        spoiled = None
        for secret_id in sorted(self.secrets):
            secret = self.secrets[secret_id]
            if isinstance(secret, bytes):
                return SubjectSecret(subject, secret_id, Sensitive(secret))
            spoiled = secret
        return spoiled


@dataclass(frozen=True)
class PendingErasure:
    """A subject whose records are still to be cleaned up, since a Unix time."""

    tenant: str
    subject: str
    since: int


StoredSecret = Sensitive[bytes] | RecordCorrupt | None
"""A secret that a record names: the error if it does not parse, None if the subject was erased, also where
the secret is still there."""


class SubjectStore(Protocol):
    """Subjects of a tenant. All methods raise `StoreUnavailable`."""

    def find(self, tenant: str, subjects: Sequence[str]) -> list[StoredSubject]:
        """What lies under each, in order, as of now."""
        ...

    def secrets(
        self, tenant: str, references: Sequence[SecretReference]
    ) -> dict[SecretReference, StoredSecret]:
        """Secrets as of now; what is not there, of a subject that was not erased, is left out."""
        ...

    def erased(self, tenant: str, subjects: Sequence[str]) -> set[str]:
        """Those of the subjects that were erased, as of now."""
        ...

    def add_secrets(self, tenant: str, secrets: Sequence[SubjectSecret]) -> None:
        """Writes new secrets, side by side."""
        ...

    def mark_erased(self, tenant: str, subject: str, erasure: Erasure) -> Erasure | RecordCorrupt:
        """Notes the pending erasure, then writes the marker; returns what the marker says, or its error if
        one stands that does not parse.

        What a marker says is written once. One that stands is changed nevertheless, and so is the note: that
        sends both to the other Regions once more.
        """
        ...

    def hand_on(self, pending: PendingErasure, now: int) -> None:
        """Sends the marker of a pending erasure and its note to the other Regions once more, as `mark_erased`
        does, if they stand: the Region that wrote them may have been lost before they had come everywhere."""
        ...

    def destroy_secrets(self, tenant: str, subject: str) -> int:
        """Deletes all secrets of a subject, and says how many there were."""
        ...

    def destroy_passed(self, tenant: str, now: int) -> list[int]:
        """Deletes the tenant's short-lived secrets whose time has passed by this Unix time, and says when it
        passed for each. What stands beside them, and whether any of it parses, does not matter."""
        ...

    def pending_erasures(self) -> list[PendingErasure]:
        """Subjects whose records are still to be cleaned up."""
        ...

    def finish(self, pending: PendingErasure) -> None:
        """Takes a subject off the list, unless the note was renewed since it was read: another erasure of
        the subject may have begun, whose writers are not waited for yet."""
        ...
