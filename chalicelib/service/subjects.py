"""The subjects whom values belong to: each has a secret that its records cannot be opened without."""

from collections.abc import Iterable, Mapping

from chalicelib.crypto.keys import KEY_BYTES
from chalicelib.crypto.receipts import tokens_digest
from chalicelib.errors import RecordCorrupt, SubjectErased
from chalicelib.model import SubjectSecret
from chalicelib.sensitive import Sensitive
from chalicelib.sources import RandomBytes
from chalicelib.vault.subjects import Erasure, StoredSubject, SubjectStore
from chalicelib.vault.tokens import TokenStore


class Subjects:
    """Secrets for sealing. Nothing is cached: an erased subject is erased for the next request."""

    def __init__(self, store: SubjectStore, random_bytes: RandomBytes) -> None:
        self._store, self._random_bytes = store, random_bytes

    def secrets(
        self, tenant: str, subjects: Iterable[str]
    ) -> Mapping[str, SubjectSecret | SubjectErased | RecordCorrupt]:
        """A secret of each subject, made for new subjects; the error for those that were erased, or whose
        secrets somebody spoiled.

        Raises `StoreUnavailable`.
        """
        found = self._find(tenant, subjects)
        new = {name: self._new_secret(name) for name, stored in found.items() if stored.is_unknown}
        self._store.add_secrets(tenant, list(new.values()))
        known = {name: stored.sealing_secret(name) or _erased() for name, stored in found.items()}
        return known | new

    def erased(self, tenant: str, subjects: Iterable[str]) -> Mapping[str, SubjectErased]:
        """Those that were erased. Asked after a write, it reveals an eraser that came in between: a secret
        that was made meanwhile is destroyed by the clean-up.

        Raises `StoreUnavailable`.
        """
        names = sorted(set(subjects))
        return {name: _erased() for name in self._store.erased(tenant, names)} if names else {}

    def _new_secret(self, subject: str) -> SubjectSecret:
        secret = Sensitive(self._random_bytes(KEY_BYTES))
        return SubjectSecret(subject, self._random_bytes(16).hex(), secret)

    def _find(self, tenant: str, subjects: Iterable[str]) -> dict[str, StoredSubject]:
        names = sorted(set(subjects))
        return dict(zip(names, self._store.find(tenant, names), strict=True)) if names else {}


def erasure(store: TokenStore, tenant: str, subject: str, stored: StoredSubject, now: int) -> Erasure:
    """What erasing the subject at this time takes out. Raises `StoreUnavailable`."""
    tokens = [key.token for key in store.of_subject(tenant, subject)]
    return Erasure(now, len(stored.secrets), len(tokens), tokens_digest(tokens))


def _erased() -> SubjectErased:
    return SubjectErased("subject: erased for good; no value is accepted under this id again")
