"""The subjects whom values belong to: each has a secret that its records cannot be opened without."""

from collections.abc import Iterable, Mapping

from chalicelib.crypto.keys import KEY_BYTES
from chalicelib.errors import SubjectErased
from chalicelib.model import SubjectSecret
from chalicelib.sensitive import Sensitive
from chalicelib.sources import RandomBytes
from chalicelib.vault.subjects import Erasure, StoredSubject, SubjectStore
from chalicelib.vault.tokens import TokenStore


class Subjects:
    """Secrets for sealing. Nothing is cached: an erased subject is erased for the next request."""

    def __init__(self, store: SubjectStore, random_bytes: RandomBytes) -> None:
        self._store, self._random_bytes = store, random_bytes

    def secrets(self, tenant: str, subjects: Iterable[str]) -> Mapping[str, SubjectSecret | SubjectErased]:
        """A secret of each subject, made for new subjects; the error for those that were erased.

        Raises `StoreUnavailable`.
        """
        found = self._find(tenant, subjects)
        new = [name for name, stored in found.items() if stored.is_unknown]
        for name in new:
            secret = Sensitive(self._random_bytes(KEY_BYTES))
            self._store.add_secret(tenant, SubjectSecret(name, self._random_bytes(16).hex(), secret))
        # Looked at again, so that an eraser that came in between is noticed, and all threads use one secret.
        found |= self._find(tenant, new)
        return {name: stored.sealing_secret(name) or _erased() for name, stored in found.items()}

    def erased(self, tenant: str, subjects: Iterable[str]) -> Mapping[str, SubjectErased]:
        """Those that were erased. Asked after a write, it reveals an eraser that came in between.

        Raises `StoreUnavailable`.
        """
        found = self._find(tenant, subjects)
        return {name: _erased() for name, stored in found.items() if stored.erased}

    def _find(self, tenant: str, subjects: Iterable[str]) -> dict[str, StoredSubject]:
        names = sorted(set(subjects))
        return dict(zip(names, self._store.find(tenant, names), strict=True)) if names else {}


def erasure(store: TokenStore, tenant: str, subject: str, stored: StoredSubject, now: int) -> Erasure:
    """What erasing the subject at this time takes out. Raises `StoreUnavailable`."""
    return Erasure(now, len(stored.secrets), sum(1 for _ in store.of_subject(tenant, subject)))


def _erased() -> SubjectErased:
    return SubjectErased("subject: erased for good; no value is accepted under this id again")
