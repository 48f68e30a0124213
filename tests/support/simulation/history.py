"""A history: the steps of a plan, played one after the other, and what must hold in the end."""

import random
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count

from chalicelib.audit.events import AuditEvent
from chalicelib.service.walker import WRITERS_SECONDS
from chalicelib.vault.requests import CLOCKS_SECONDS, LIFETIME_SECONDS
from chalicelib.vault.token_items import ERASED, RECORD
from tests.support.regions import TENANT
from tests.support.simulation.approving import Approving
from tests.support.simulation.capturing import Capturing
from tests.support.simulation.clients import Clients
from tests.support.simulation.cloud import KEY_CACHE_SECONDS, Cloud, Place, loaded
from tests.support.simulation.failing_over import FailingOver
from tests.support.simulation.ledger import DETERMINISTIC, Ledger
from tests.support.simulation.plans import MEANWHILE, MOVING, SUBJECTS, TYPES, Plan, Step
from tests.support.simulation.promises import OwnedValue, Promise, hold


class History:
    """Plays a plan. Raises `Broken` where a promise was."""

    def __init__(self, played: Plan) -> None:
        self.plan, self.dice = played, random.Random(played.seed)
        names = string.ascii_lowercase[: played.regions]
        self._operated = self._depth = 0
        self.cloud = Cloud(self.dice, names, loaded(TYPES, played.regions), self._meanwhile)
        self.ledger = Ledger()
        numbers = count(1)
        self.clients = Clients(self.cloud, self.ledger, self.dice, numbers)
        self.failing_over = FailingOver(self.cloud, self.ledger, self.dice, numbers)
        self.approving = Approving(self.cloud, self.ledger, self.dice)
        self.capturing = Capturing(self.cloud, self.ledger, self.dice, numbers)
        self._players = (self.clients, self.failing_over, self.approving, self.capturing)

    @property
    def operations(self) -> int:
        """What was asked so far, of any kind."""
        return sum(each.operations for each in self._players) + self._operated

    def run(self) -> None:
        """The steps, with changes arriving between them; then everything arrives, and all is looked at."""
        for step in self.plan.steps:
            self.dice.seed(step.seed)
            self.cloud.fate.rate = self.dice.choice([0.0, 0.0, 0.03, 0.15])
            self._play(step.kind)
            self.cloud.now += self.dice.choice([0, 0, 1, 5, 20])
            self.cloud.network.deliver(self.dice.choice([0, 1, 3, 8, 20]))
        self.dice.seed(self.plan.seed)
        self._come_to_rest()

    def _play(self, kind: str) -> None:
        """A step of a client, or of an operator or of AWS."""
        played = (getattr(each, kind, None) for each in self._players)
        work = next(filter(None, played), None) or getattr(self, f"_{kind}")
        work()

    # What operators and AWS do.

    def _maintain(self) -> None:
        self._operated += 1
        self.cloud.maintain(self.cloud.place())

    def _rotate(self) -> None:
        self._operated += 1
        self.cloud.maintain(self.cloud.place(), rotate=TENANT)

    def _rewrap(self) -> None:
        self._operated += 1
        self.cloud.rewrap(self.cloud.place())

    def _retire(self) -> None:
        self._operated += 1
        self.cloud.network.settle()
        self.cloud.now += self.dice.choice([0, KEY_CACHE_SECONDS + WRITERS_SECONDS])
        self.cloud.fate.rate = 0.0
        if not self.cloud.fate.late:
            self.cloud.retire(self.cloud.place())

    def _move(self) -> None:
        """An operator gives a type another PRF key, which is mostly made before, and may be in no Region."""
        self._operated += 1
        self.cloud.prf_keys = (1, 2)
        if self.dice.random() < 0.7:
            for place in self.cloud.places:
                self.cloud.maintain(place)
                self.cloud.network.deliver(self.dice.choice([0, 5, 20]))
        types = {**TYPES, MOVING: {**TYPES[MOVING], "prf_key": 2}}
        self.cloud.deploy(loaded(types, self.plan.regions))

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
            self.clients.erase_in(place, self.clients.any_token())
        self.clients.erase_subject_in(place, self.dice.choice(SUBJECTS))
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
                self.clients.erase_in(other, token)
        for subject, erasures in list(self.ledger.subjects.items()):
            if lost.number in erasures.acknowledged:
                self.clients.erase_subject_in(other, subject)

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

    def _meanwhile(self) -> None:
        """While a call waits, others are made; of those only a few wait themselves."""
        if self._depth < 2:
            self._depth += 1
            rate, self.cloud.fate.rate = self.cloud.fate.rate, self.cloud.fate.rate / 4
            try:
                for kind in self.dice.choices(MEANWHILE, k=self.dice.randint(1, 3)):
                    self._play(kind)
            finally:
                self._depth -= 1
                self.cloud.fate.rate = rate

    # What must hold in the end.

    def _come_to_rest(self) -> None:
        self.cloud.come_to_rest()
        self.ledger.at_rest = True
        opened = Counter[OwnedValue]()
        for token, promise in sorted(self.ledger.promises.items()):
            opens = [self.clients.reveal_in(place, token) for place in self.cloud.places]
            self._count(opened, token, promise, opens)
        for owned in [each for each in self.ledger.tokens_of if each.type in DETERMINISTIC]:
            for place in self.cloud.places:
                self.clients.search_in(place, owned)
        hold(set(opened.values()) <= {1}, f"a deterministic value has several tokens: {opened}")
        if not self.cloud.lost:
            hold(len({self._contents(place) for place in self.cloud.places}) == 1, "the tables differ")
        for request in self.clients.keyed:
            if self.cloud.now - request.sent < LIFETIME_SECONDS:
                self.clients.send(request)
        for ended in (self.failing_over, self.approving, self.capturing):
            ended.check()
        self._check_record()

    def _count(
        self, opened: Counter[OwnedValue], token: str, promise: Promise, opens: Sequence[bool]
    ) -> None:
        if promise.owned.type in ("known", "few") and any(opens) and not self.ledger.maybe_closed(token):
            opened[promise.owned] += 1

    @staticmethod
    def _contents(place: Place) -> str:
        return str(sorted(place.tables.vault.items())) + str(sorted(place.tables.subjects.items()))

    def _check_record(self) -> None:
        """Every reveal, and every token that was found, is on record where it was told."""
        for outcome, answered in (("revealed", self.ledger.revealed), ("found", self.ledger.found)):
            missing = Counter[tuple[int, str | None]](answered) - self._recorded(outcome)
            hold(not missing, f"tokens are {outcome} off record: {sorted(map(str, missing))}")

    def _recorded(self, said: str) -> Counter[tuple[int, str | None]]:
        return Counter(
            (place.number, outcome.token)
            for place in [*self.cloud.places, *self.cloud.lost]
            for event in place.recorded
            if isinstance(event, AuditEvent)
            for outcome in event.outcomes
            if outcome.outcome == said
        )


def play(played: Plan) -> int:
    """Plays a plan; how many operations it had. Raises `Broken`."""
    history = History(played)
    history.run()
    return history.operations


def kinds(steps: Iterable[Step]) -> str:
    """What happens in some steps, in a line."""
    return ", ".join(step.kind for step in steps)
