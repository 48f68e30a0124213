"""Persons: their secrets, and the marker that they were erased. Pure, and what is asked of a store.

A person's secrets are written once under random ids, so that two Regions never overwrite one another's; a
record names the one that it was sealed with. Whatever destroys the secrets closes the records for good, in
every copy. So they are read at each request, never cached, and never in a backup.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from chalicelib.errors import RecordCorrupt
from chalicelib.model import SubjectSecret
from chalicelib.sensitive import Sensitive
from chalicelib.vault.items import ERASED, subject_partition

Item = dict[str, Any]
SecretReference = tuple[str, str]
"""A person, and the id of one of its secrets."""

Secrets = dict[SecretReference, Sensitive[bytes]]

SECRET: Final = "secret#"  # noqa: S105  # the beginning of a sort key
WORK: Final = "erasing"
"""Partition of the persons whose records are still to be cleaned up. No tenant's: those hold a `#`."""


@dataclass(frozen=True)
class Erasure:
    """When a person was erased (a Unix time), and how many secrets and tokens there were then."""

    at: int
    secrets: int
    tokens: int


@dataclass(frozen=True)
class Person:
    """What lies under a person: secrets by id, or that the person was erased."""

    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    erased: Erasure | None = None

    @classmethod
    def of(cls, items: Iterable[Mapping[str, Any]]) -> "Person":
        """From a person's items, in any order. The marker wins over secrets that are still there.

        Raises `RecordCorrupt` where an item does not parse.
        """
        by_sort = {str(item["sk"]["S"]): item for item in items}
        if ERASED in by_sort:
            return cls(erased=parse_erased(by_sort[ERASED]))
        secrets = {sk: item for sk, item in by_sort.items() if sk.startswith(SECRET)}
        return cls({sk.removeprefix(SECRET): parse_secret(item) for sk, item in secrets.items()})

    def one(self, subject: str) -> SubjectSecret | None:
        """One of the secrets, to seal a record with: any will do, and all threads take the same."""
        if not self.secrets:
            return None
        secret_id = min(self.secrets)
        return SubjectSecret(subject, secret_id, Sensitive(self.secrets[secret_id]))


@dataclass(frozen=True)
class Work:
    """A person whose records are to be cleaned up, since a Unix time."""

    tenant: str
    subject: str
    since: int


class SubjectStore(Protocol):
    """Persons of a tenant. All methods raise `StoreUnavailable`."""

    def people(self, tenant: str, subjects: Sequence[str]) -> list[Person]:
        """What lies under each, in order, as of now."""
        ...

    def secrets(
        self, tenant: str, references: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], Sensitive[bytes]]:
        """Secrets by (person, secret id), as of now; those of erased persons are left out."""
        ...

    def add_secret(self, tenant: str, secret: SubjectSecret) -> None:
        """Writes a new secret."""
        ...

    def mark_erased(self, tenant: str, subject: str, erasure: Erasure) -> Erasure:
        """Notes the work, then writes the marker, once; returns what the marker says."""
        ...

    def destroy_secrets(self, tenant: str, subject: str) -> int:
        """Deletes all secrets of a person, and says how many there were."""
        ...

    def work(self) -> list[Work]:
        """Persons whose records are still to be cleaned up."""
        ...

    def finish(self, work: Work) -> None:
        """Takes a person off the list."""
        ...


def secret_item(tenant: str, secret: SubjectSecret) -> Item:
    """The item that holds a secret."""
    return {
        "pk": {"S": subject_partition(tenant, secret.subject)},
        "sk": {"S": SECRET + secret.secret_id},
        "secret": {"B": secret.secret.reveal()},
    }


def parse_secret(item: Mapping[str, Any]) -> bytes:
    """The secret that an item holds. Raises `RecordCorrupt` where it holds none."""
    try:
        return bytes(item["secret"]["B"])
    except (KeyError, TypeError):
        raise RecordCorrupt("a person's secret does not parse") from None


def erased_item(tenant: str, subject: str, erasure: Erasure) -> Item:
    """The marker that a person was erased."""
    return {
        "pk": {"S": subject_partition(tenant, subject)},
        "sk": {"S": ERASED},
        "at": {"N": str(erasure.at)},
        "secrets": {"N": str(erasure.secrets)},
        "tokens": {"N": str(erasure.tokens)},
    }


def parse_erased(item: Mapping[str, Any]) -> Erasure:
    """What a marker says. Raises `RecordCorrupt` where it says nonsense."""
    try:
        return Erasure(int(item["at"]["N"]), int(item["secrets"]["N"]), int(item["tokens"]["N"]))
    except (KeyError, TypeError, ValueError):
        raise RecordCorrupt("the marker of an erased person does not parse") from None


def work_item(tenant: str, subject: str, now: int) -> Item:
    """The note that a person's records are to be cleaned up."""
    return {"pk": {"S": WORK}, "sk": {"S": subject_partition(tenant, subject)}, "at": {"N": str(now)}}


def parse_works(items: Iterable[Mapping[str, Any]]) -> list[Work]:
    """The work that notes name. What is no note of ours must not keep the job from the others."""
    return [work for work in map(_work, items) if work is not None]


def _work(item: Mapping[str, Any]) -> Work | None:
    try:
        tenant, _, subject = str(item["sk"]["S"]).partition("#")
        return Work(tenant, subject, int(item["at"]["N"]))
    except (KeyError, TypeError, ValueError):
        return None
