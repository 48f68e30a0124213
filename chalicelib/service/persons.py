"""The persons whom values belong to: each has a secret that its records cannot be opened without."""

from collections.abc import Iterable, Mapping

from chalicelib.crypto.attribute_key import RandomBytes
from chalicelib.crypto.keys import KEY_BYTES
from chalicelib.errors import SubjectErased
from chalicelib.model import SubjectSecret
from chalicelib.sensitive import Sensitive
from chalicelib.vault.store import TokenStore
from chalicelib.vault.subjects import Erasure, Person, SubjectStore


class Persons:
    """Secrets for sealing. Nothing is cached: an erased person is erased for the next request."""

    def __init__(self, store: SubjectStore, random_bytes: RandomBytes) -> None:
        self._store, self._random_bytes = store, random_bytes

    def secrets(self, tenant: str, subjects: Iterable[str]) -> Mapping[str, SubjectSecret | SubjectErased]:
        """A secret of each person, made for those that have none, or that the person was erased.

        Raises `StoreUnavailable`.
        """
        found = self._look(tenant, subjects)
        for subject in (name for name, person in found.items() if person == Person()):
            secret = Sensitive(self._random_bytes(KEY_BYTES))
            self._store.add_secret(tenant, SubjectSecret(subject, self._random_bytes(16).hex(), secret))
        # Looked at again, so that an eraser who came in between is noticed, and all threads use one secret.
        new = [name for name, person in found.items() if person == Person()]
        found |= self._look(tenant, new)
        return {name: person.one(name) or _erased() for name, person in found.items()}

    def erased(self, tenant: str, subjects: Iterable[str]) -> Mapping[str, SubjectErased]:
        """Those who were erased. Asked after a write, it tells of an eraser that came in between."""
        found = self._look(tenant, subjects)
        return {name: _erased() for name, person in found.items() if person.erased}

    def _look(self, tenant: str, subjects: Iterable[str]) -> dict[str, Person]:
        names = sorted(set(subjects))
        return dict(zip(names, self._store.people(tenant, names), strict=True)) if names else {}


def erasure(store: TokenStore, tenant: str, subject: str, person: Person, now: int) -> Erasure:
    """What an erasing at this time takes out. Raises `StoreUnavailable`."""
    return Erasure(now, len(person.secrets), sum(1 for _ in store.of_subject(tenant, subject)))


def _erased() -> SubjectErased:
    return SubjectErased("subject: this person was erased for good; nothing more is taken in under this id")
