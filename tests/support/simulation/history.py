"""A history: the steps of a plan, played one after the other, and what must hold in the end."""

import random
import string
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from chalicelib.audit.events import AuditEvent
from chalicelib.errors import SecretNotArrived
from chalicelib.service.walker import WRITERS_SECONDS
from chalicelib.vault.requests import CLOCKS_SECONDS, LIFETIME_SECONDS
from chalicelib.vault.token_items import ERASED, RECORD
from tests.support.drawn_requests import DrawnRequests
from tests.support.regions import TENANT
from tests.support.simulation.cloud import KEY_CACHE_SECONDS, Cloud, Place, loaded
from tests.support.simulation.ledger import Asked, Erasures, Ledger, Promise, hold
from tests.support.simulation.plans import (
    DIGIT_VALUES,
    DIGITS,
    LETTER_VALUES,
    MEANWHILE,
    SUBJECTS,
    TYPES,
    Plan,
    Step,
)


class History:
    """Plays a plan. Raises `Broken` where a promise was."""

    def __init__(self, played: Plan) -> None:
        self.plan, self.dice = played, random.Random(played.seed)
        names = string.ascii_lowercase[: played.regions]
        self.operations = self._numbers = self._depth = 0
        self.cloud = Cloud(self.dice, names, loaded(TYPES, played.regions), self._meanwhile)
        self.ledger = Ledger()
        everywhere = sorted(TYPES.keys() - {"few"})
        self.drawn = DrawnRequests(self.dice, everywhere, DIGIT_VALUES, SUBJECTS, of_subjects=0.4)
        self.at_home = DrawnRequests(self.dice, ["few"], LETTER_VALUES, SUBJECTS[:2], of_subjects=0.2)
        self.keyed: list[Asked] = []

    def run(self) -> None:
        """The steps, with changes arriving between them; then everything arrives, and all is looked at."""
        for step in self.plan.steps:
            self.dice.seed(step.seed)
            self.cloud.fate.rate = self.dice.choice([0.0, 0.0, 0.03, 0.15])
            getattr(self, f"_{step.kind}")()
            self.cloud.now += self.dice.choice([0, 0, 1, 5, 20])
            self.cloud.network.deliver(self.dice.choice([0, 1, 3, 8, 20]))
        self.dice.seed(self.plan.seed)
        self._come_to_rest()

    # What clients do.

    def _tokenize(self) -> None:
        self._begin(self.cloud.place(), self.drawn)

    def _tokenize_at_home(self) -> None:
        """Values whose tokens are few are taken in by one Region alone, as docs/consistency.md has it."""
        self._begin(self.cloud.places[0], self.at_home)

    def _begin(self, place: Place, drawn: DrawnRequests) -> None:
        self._numbers += 1
        request = Asked(self._numbers, place.number, drawn.items(), drawn.key(), self.cloud.now)
        if request.key:
            self.keyed.append(request)
        self._send(request)

    def _replay(self) -> None:
        recent = [each for each in self.keyed if self.cloud.now - each.sent < LIFETIME_SECONDS]
        if recent:
            self._send(self.dice.choice(self.dice.choice([recent[-4:], recent])))

    def _send(self, request: Asked) -> None:
        place = self._place(request.region)
        if place is None:
            return
        self.operations += 1
        request.tries += 1
        since = self.ledger.began(self.cloud.now)
        results = self.cloud.send(place, lambda region: region.tokenize(request.items, request.key or None))
        if isinstance(results, list):
            self.ledger.take(request, since, results)

    def _reveal(self) -> None:
        if self.ledger.promises:
            self._reveal_in(self.cloud.place(), self._any_token())

    def _reveal_in(self, place: Place, token: str) -> bool:
        """Whether the token opened."""
        self.operations += 1
        since = self.ledger.began(self.cloud.now)
        results = self.cloud.send(place, lambda region: region.reveal(token))
        before = len(self.ledger.revealed)
        for result in [results] if isinstance(results, SecretNotArrived) else results or ():
            self.ledger.check(place.number, token, result, since)
        return len(self.ledger.revealed) > before

    def _erase(self) -> None:
        if self.ledger.promises:
            self._erase_in(self.cloud.place(), self._any_token())

    def _erase_made_up(self) -> None:
        """Of a small space, so that it may hit a token of somebody, or one to come."""
        small = [token for token, each in self.ledger.promises.items() if each.owned.type == "short"]
        if small:
            token = self.dice.choice(small)
            self._erase_in(
                self.cloud.place(), token[:1] + "".join(self.dice.choices(DIGITS, k=len(token) - 1))
            )

    def _erase_in(self, place: Place, token: str) -> None:
        self._asked(self.ledger.erasures[token], place, lambda region: region.erase(token) or True)

    def _erase_subject(self) -> None:
        named = sorted({each.owned.subject for each in self.ledger.promises.values() if each.owned.subject})
        if named and self.dice.random() < 0.5:
            self._erase_subject_in(self.cloud.place(), self.dice.choice(named))

    def _erase_subject_in(self, place: Place, subject: str) -> None:
        self._asked(self.ledger.subjects[subject], place, lambda region: region.erase_subject(subject))

    def _asked(self, erasures: Erasures, place: Place, work: Callable[[Any], object]) -> None:
        self.operations += 1
        erasures.asked.append((place.number, self.cloud.now))
        if self.cloud.send(place, work) is not None:
            self.ledger.acknowledge(erasures, place.number)

    def _any_token(self) -> str:
        """Often a recent one, which may not have arrived everywhere."""
        every = list(self.ledger.promises)
        return self.dice.choice(self.dice.choice([every[-6:], every]))

    # What operators and AWS do.

    def _maintain(self) -> None:
        self.operations += 1
        self.cloud.maintain(self.cloud.place())

    def _rotate(self) -> None:
        self.operations += 1
        self.cloud.maintain(self.cloud.place(), rotate=TENANT)

    def _rewrap(self) -> None:
        self.operations += 1
        self.cloud.rewrap(self.cloud.place())

    def _retire(self) -> None:
        self.operations += 1
        self.cloud.network.settle()
        self.cloud.now += self.dice.choice([0, KEY_CACHE_SECONDS + WRITERS_SECONDS])
        self.cloud.fate.rate = 0.0
        if not self.cloud.fate.late:
            self.cloud.retire(self.cloud.place())

    def _remove_expired(self) -> None:
        self.cloud.remove_expired()

    def _wait(self) -> None:
        self.cloud.now += self.dice.choice([70, 200, 400])
        self.cloud.fate.deliver_late()
        self.cloud.network.deliver(30)

    def _wait_long(self) -> None:
        """So long that everything arrives which is not cut off."""
        self._wait()
        self.cloud.network.settle()
        self.cloud.now += self.dice.choice([1800, LIFETIME_SECONDS // 2 - CLOCKS_SECONDS])

    def _cut(self) -> None:
        self.cloud.cut()

    def _arrive(self) -> None:
        self.cloud.network.deliver(5)

    def _lose(self) -> None:
        """One Region of three is gone for good, in the midst of its work."""
        if len(self.cloud.places) < 3 or not self.ledger.promises:
            return
        place = self.cloud.place()
        self.cloud.fate.rate = 0.0
        for _ in range(3):
            self._erase_in(place, self._any_token())
        self._erase_subject_in(place, self.dice.choice(SUBJECTS))
        other = self.dice.choice([each for each in self.cloud.places if each is not place])
        if self.dice.random() < 0.5:
            self.cloud.network.settle(only=[other.tables.vault, other.tables.subjects])
        self.cloud.network.deliver(self.dice.randrange(20))
        self.cloud.fate.late.clear()
        self.cloud.lose(place)
        self._note_what_is_lost(place)
        self._ask_again(place, other)

    def _ask_again(self, lost: Place, other: Place) -> None:
        """Whoever had something erased in the lost Region asks for it again, all of them in one other."""
        for token, erasures in list(self.ledger.erasures.items()):
            if lost.number in erasures.acknowledged:
                self._erase_in(other, token)
        for subject, erasures in list(self.ledger.subjects.items()):
            if lost.number in erasures.acknowledged:
                self._erase_subject_in(other, subject)

    def _note_what_is_lost(self, place: Place) -> None:
        """What was in the lost Region, and is not in all others, may be gone, or in some of them for good."""
        tables = [each.tables for each in self.cloud.places]
        for partition in {key[0] for each in [place.tables, *tables] for key in each.vault}:
            keys = [(partition, sort) for sort in (RECORD, ERASED)]
            everywhere = all(any(key in each.vault for key in keys) for each in tables)
            if not everywhere and not any(map(self.cloud.network.on_its_way, keys)):
                self.ledger.scattered.add(partition.removeprefix(f"{TENANT}#"))
        for key in place.tables.subjects:
            if not all(key in each.subjects for each in tables):
                self.ledger.torn.add(key[0].removeprefix(f"{TENANT}#"))

    def _place(self, number: int) -> Place | None:
        return next((place for place in self.cloud.places if place.number == number), None)

    def _meanwhile(self) -> None:
        """While a call waits, others are made; of those only a few wait themselves."""
        if self._depth < 2:
            self._depth += 1
            rate, self.cloud.fate.rate = self.cloud.fate.rate, self.cloud.fate.rate / 4
            try:
                for kind in self.dice.choices(MEANWHILE, k=self.dice.randint(1, 3)):
                    getattr(self, f"_{kind}")()
            finally:
                self._depth -= 1
                self.cloud.fate.rate = rate

    # What must hold in the end.

    def _come_to_rest(self) -> None:
        self.cloud.come_to_rest()
        self.ledger.at_rest = True
        opened = Counter[tuple[Any, ...]]()
        for token, promise in sorted(self.ledger.promises.items()):
            opens = [self._reveal_in(place, token) for place in self.cloud.places]
            self._count(opened, token, promise, opens)
        hold(set(opened.values()) <= {1}, f"a deterministic value has several tokens: {opened}")
        if not self.cloud.lost:
            hold(len({self._contents(place) for place in self.cloud.places}) == 1, "the tables differ")
        for request in self.keyed:
            if self.cloud.now - request.sent < LIFETIME_SECONDS:
                self._send(request)
        self._check_record()

    def _count(
        self, opened: Counter[tuple[Any, ...]], token: str, promise: Promise, opens: Sequence[bool]
    ) -> None:
        if promise.owned.type in ("known", "few") and any(opens) and not self.ledger.maybe_closed(token):
            opened[promise.owned.type, promise.owned.value, promise.owned.subject] += 1

    @staticmethod
    def _contents(place: Place) -> str:
        return str(sorted(place.tables.vault.items())) + str(sorted(place.tables.subjects.items()))

    def _check_record(self) -> None:
        """Every reveal is on record where it was made."""
        recorded = Counter(
            (place.number, outcome.token)
            for place in [*self.cloud.places, *self.cloud.lost]
            for event in place.recorded
            if isinstance(event, AuditEvent)
            for outcome in event.outcomes
            if outcome.outcome == "revealed"
        )
        missing = Counter[tuple[int, str | None]](self.ledger.revealed) - recorded
        hold(not missing, f"reveals are off record: {sorted(map(str, missing))}")


def play(played: Plan) -> int:
    """Plays a plan; how many operations it had. Raises `Broken`."""
    history = History(played)
    history.run()
    return history.operations


def kinds(steps: Iterable[Step]) -> str:
    """What happens in some steps, in a line."""
    return ", ".join(step.kind for step in steps)
