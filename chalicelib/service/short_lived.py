"""Short-lived secrets: bound to values that may not be kept, and destroyed when the time of those is up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.crypto.keys import KEY_BYTES
from chalicelib.errors import RecordCorrupt, TokenvaultError
from chalicelib.model import SubjectSecret
from chalicelib.sensitive import Sensitive
from chalicelib.service.batch import Batch
from chalicelib.service.results import step_result
from chalicelib.sources import Clock, RandomBytes
from chalicelib.vault.short_lived import SHORT_LIVED, begins, passes_at, short_lived_id
from chalicelib.vault.subjects import SubjectStore


class ShortLivedSecrets:
    """A secret for each slice of time in which records expire, shared by all writers of a tenant."""

    def __init__(self, store: SubjectStore, random_bytes: RandomBytes) -> None:
        self._store, self._random_bytes = store, random_bytes

    def bind(self, tenant: str, batch: Batch) -> None:
        """Has each value that may not be kept sealed with the secret of the slice in which it expires.

        A value for which there can be none fails; other values cost nothing. Raises `StoreUnavailable`.
        """
        times = {
            item.position: passes_at(item.draft.expires_at)
            for item in batch
            if item.draft.type.is_short_lived and item.draft.expires_at is not None
        }
        if not times:
            return
        secrets = self._secrets(tenant, set(times.values()))
        for item in batch:
            if item.position not in times:
                continue
            if isinstance(secrets, RecordCorrupt):
                item.result = secrets
            else:
                item.bind_short_lived(secrets[times[item.position]])

    def _secrets(self, tenant: str, times: Iterable[int]) -> Mapping[int, SubjectSecret] | RecordCorrupt:
        """A secret that passes at each of these times, made where there is none yet.

        The error if a marker stands there that no caller can ask for: what names such a secret opens never.
        """
        [stored] = self._store.find(tenant, [SHORT_LIVED])
        if stored.erased is not None:
            return RecordCorrupt("a marker stands where short-lived secrets lie")
        found = {time: _usable(stored.secrets, time) for time in times}
        new = {time: self._new(time) for time, secret in found.items() if secret is None}
        self._store.add_secrets(tenant, list(new.values()))
        return {time: secret for time, secret in found.items() if secret is not None} | new

    def _new(self, passes: int) -> SubjectSecret:
        secret_id = short_lived_id(passes, self._random_bytes(16).hex())
        return SubjectSecret(SHORT_LIVED, secret_id, Sensitive(self._random_bytes(KEY_BYTES)))


def _usable(secrets: Mapping[str, bytes | RecordCorrupt], passes: int) -> SubjectSecret | None:
    """The first secret that passes at this time and parses: all writers take the same."""
    for secret_id in sorted(name for name in secrets if name.startswith(begins(passes))):
        secret = secrets[secret_id]
        if isinstance(secret, bytes):
            return SubjectSecret(SHORT_LIVED, secret_id, Sensitive(secret))
    return None


@dataclass(frozen=True)
class Destroyed:
    """How many secrets one run destroyed, how long after its time, at most, one of them still stood, and the
    errors of tenants whose secrets wait for the next run."""

    count: int
    overdue_seconds: int = 0
    errors: tuple[TokenvaultError, ...] = ()


class Destroyer:
    """Destroys short-lived secrets whose time has passed, and with them every copy of what they sealed."""

    def __init__(self, *, subjects: SubjectStore, clock: Clock) -> None:
        self._subjects, self._clock = subjects, clock

    def destroy(self, tenants: Sequence[str]) -> Destroyed:
        """One run, which tries every tenant."""
        now = int(self._clock())
        done = [step_result(self._subjects.destroy_passed, tenant, now) for tenant in tenants]
        errors = tuple(outcome for outcome in done if isinstance(outcome, TokenvaultError))
        times = [time for outcome in done if not isinstance(outcome, TokenvaultError) for time in outcome]
        return Destroyed(len(times), now - min(times, default=now), errors)
