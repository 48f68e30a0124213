"""The use case of cleaning up after erased persons: their records go, long after they were closed."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Final

from chalicelib.cache import Clock
from chalicelib.errors import RecordCorrupt
from chalicelib.service.persons import erasure
from chalicelib.vault.items import TokenKey
from chalicelib.vault.store import Found, TokenStore
from chalicelib.vault.subjects import SubjectStore, Work

SETTLED_SECONDS: Final = 900
"""How long a person stays on the list. Whoever was writing a record when the person was erased is done
by then (a function lives 29 seconds), and the index, which follows within seconds, shows what was written."""

_AT_A_TIME: Final = 500


class Cleaner:
    """Replaces the records of erased persons by stubs. Resumable: the list is what is left to do."""

    def __init__(self, *, store: TokenStore, subjects: SubjectStore, clock: Clock) -> None:
        self._store, self._subjects, self._clock = store, subjects, clock

    def clean(self, seconds: float) -> int:
        """Works for at most about so many seconds, and says how many records went.

        Raises `StoreUnavailable`; what was done stays done. Raises `RecordCorrupt` where somebody changed a
        person's items, once the others were looked after.
        """
        until = self._clock() + seconds
        cleaned, spoiled = 0, None
        for noted in self._subjects.work():
            try:
                work = self._marked(noted)
            except RecordCorrupt as error:
                spoiled = error
                continue
            cleaned += self._clean(work, until) if work else 0
        if spoiled is not None:
            raise spoiled
        return cleaned

    def _clean(self, work: Work, until: float) -> int:
        # Written by somebody who had looked before the marker stood.
        self._subjects.destroy_secrets(work.tenant, work.subject)
        cleaned, records = 0, self._records(work)
        while (left := list(islice(records, _AT_A_TIME))) and self._clock() < until:
            self._store.erase([(key, Found()) for key in left], int(self._clock()))
            cleaned += len(left)
        if not left and self._clock() - work.since > SETTLED_SECONDS:
            self._subjects.finish(work)
        return cleaned

    def _marked(self, work: Work) -> Work | None:
        """The work once its marker stands, None where that is still to be waited for.

        An eraser who died before the marker had begun all the same, and it is written for him. Not as long
        as he, or replication from another Region, may only be slow: there shall be one marker, not two.
        """
        [person] = self._subjects.people(work.tenant, [work.subject])
        if person.erased:
            return work
        if self._clock() - work.since <= SETTLED_SECONDS:
            return None
        erased = erasure(self._store, work.tenant, work.subject, person, int(self._clock()))
        return replace(work, since=self._subjects.mark_erased(work.tenant, work.subject, erased).at)

    def _records(self, work: Work) -> Iterable[TokenKey]:
        return iter(self._store.of_subject(work.tenant, work.subject))
