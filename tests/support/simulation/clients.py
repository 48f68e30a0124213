"""What clients ask of the Regions, each answer of which is held against what was promised."""

import random
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from chalicelib.errors import SecretNotArrived
from chalicelib.service.results import Result
from chalicelib.vault.requests import LIFETIME_SECONDS
from tests.support.drawn_requests import DrawnImports, DrawnRequests
from tests.support.regions import Region
from tests.support.simulation.cloud import Cloud, Place
from tests.support.simulation.ledger import DETERMINISTIC, Ledger
from tests.support.simulation.plans import (
    DIGIT_VALUES,
    DIGITS,
    IMPORTED,
    LETTER_VALUES,
    MOVING,
    SUBJECTS,
    TYPES,
)
from tests.support.simulation.promises import Asked, Erasures, OwnedValue


class Clients:
    """Clients without an order among them: the methods without an underscore are steps of a history."""

    def __init__(self, cloud: Cloud, ledger: Ledger, dice: random.Random, numbers: "count[int]") -> None:
        """`numbers` tell requests apart, those of other clients too."""
        self.cloud, self.ledger, self.dice, self._numbers = cloud, ledger, dice, numbers
        self.operations = 0
        everywhere = sorted(TYPES.keys() - {"few"})
        self.drawn = DrawnRequests(dice, everywhere, DIGIT_VALUES, SUBJECTS, of_subjects=0.4)
        self.at_home = DrawnRequests(dice, ["few"], LETTER_VALUES, SUBJECTS[:2], of_subjects=0.2)
        self.imported = DrawnImports(dice, ["brief", "text"], DIGIT_VALUES, SUBJECTS, 0.4, tokens=IMPORTED)
        self.keyed: list[Asked] = []

    def tokenize(self) -> None:
        self._begin(self.cloud.place(), self.drawn)

    def tokenize_at_home(self) -> None:
        """Values whose tokens are few are taken in by one Region alone, as docs/consistency.md has it."""
        self._begin(self.cloud.places[0], self.at_home)

    def import_tokens(self) -> None:
        """As tokens whose places are few, since of one token imported twice one value is lost."""
        self._begin(self.cloud.places[0], self.imported)

    def _begin(self, place: Place, drawn: DrawnRequests) -> None:
        request = Asked(next(self._numbers), place.number, drawn.items(), drawn.key(), self.cloud.now)
        if request.key:
            self.keyed.append(request)
        self.send(request)

    def replay(self) -> None:
        recent = [each for each in self.keyed if self.cloud.now - each.sent < LIFETIME_SECONDS]
        if recent:
            self.send(self.dice.choice(self.dice.choice([recent[-4:], recent])))

    def send(self, request: Asked) -> None:
        place = self.cloud.place_of(request.region)
        if place is None:
            return
        self.operations += 1
        self.ledger.sends(request)
        since = self.ledger.began(self.cloud.now)
        answer = self.cloud.send(place, lambda region: (region.prf_key(MOVING), _answer(region, request)))
        if isinstance(answer, tuple):
            self.ledger.take(request, since, answer[1], answer[0])

    def reveal(self) -> None:
        if self.ledger.promises:
            self.reveal_in(self.cloud.place(), self.any_token())

    def reveal_in(self, place: Place, token: str) -> bool:
        """Whether the token opened."""
        self.operations += 1
        since = self.ledger.began(self.cloud.now)
        results = self.cloud.send(place, lambda region: region.reveal(token))
        before = len(self.ledger.revealed)
        for result in [results] if isinstance(results, SecretNotArrived) else results or ():
            self.ledger.check(place.number, token, result, since)
        return len(self.ledger.revealed) > before

    def erase(self) -> None:
        if self.ledger.promises:
            self.erase_in(self.cloud.place(), self.any_token())

    def erase_made_up(self) -> None:
        """Of a small space, so that it may hit a token of somebody, or one to come."""
        small = [token for token, each in self.ledger.promises.items() if each.owned.type == "short"]
        if small:
            token = self.dice.choice(small)
            self.erase_in(
                self.cloud.place(), token[:1] + "".join(self.dice.choices(DIGITS, k=len(token) - 1))
            )

    def erase_to_come(self) -> None:
        """A token that may be imported one day, or is on its way here."""
        self.erase_in(self.cloud.place(), self.imported.token())

    def search(self) -> None:
        """A value that somebody may have taken in."""
        asked = [each for each in self.ledger.tokens_of if each.type in DETERMINISTIC]
        item = self.drawn.item("known")
        drawn = OwnedValue(item["type"], item["value"], item.get("subject"))
        self.search_in(self.cloud.place(), self.dice.choice([drawn, *asked[-8:], *asked[-8:]]))

    def search_in(self, place: Place, owned: OwnedValue) -> None:
        self.operations += 1
        since = self.ledger.began(self.cloud.now)
        asked = owned.type, owned.value, owned.subject
        answer = self.cloud.send(place, lambda region: (region.prf_key(owned.type), region.search(*asked)))
        for result in answer[1] if isinstance(answer, tuple) else ():
            self.ledger.check_found(place.number, OwnedValue(*asked, answer[0]), result, since)

    def retokenize(self) -> None:
        """A page of a walk, with tokens that have moved already and such that never do among them."""
        if not self.ledger.promises:
            return
        moving = [token for token, each in self.ledger.promises.items() if each.owned.type == MOVING]
        page = [*self.dice.sample(moving, min(len(moving), 4)), self.any_token()]
        self.retokenize_in(self.cloud.place(), page)

    def retokenize_in(self, place: Place, page: Sequence[str]) -> None:
        self.operations += 1
        since = self.ledger.began(self.cloud.now)
        pairs = self.cloud.send(place, lambda region: _pairs(region, page))
        for old, new in pairs.items() if isinstance(pairs, dict) else ():
            self.ledger.moved(place.number, old, new, since)

    def erase_in(self, place: Place, token: str) -> None:
        self._asked(self.ledger.erasures[token], place, lambda region: region.erase(token) or True)

    def erase_subject(self) -> None:
        named = sorted({each.owned.subject for each in self.ledger.promises.values() if each.owned.subject})
        if named and self.dice.random() < 0.5:
            place, subject = self.cloud.place(), self.dice.choice(named)
            self.erase_subject_in(place, subject)
            self._look_for_what_is_left(place, subject)

    def _look_for_what_is_left(self, place: Place, subject: str) -> None:
        owned = [each for each in self.ledger.tokens_of if each.subject == subject]
        for each in [each for each in owned if each.type in DETERMINISTIC][-1:]:
            self.search_in(place, each)

    def erase_subject_in(self, place: Place, subject: str) -> None:
        self._asked(self.ledger.subjects[subject], place, lambda region: region.erase_subject(subject))

    def _asked(self, erasures: Erasures, place: Place, work: Callable[[Any], object]) -> None:
        self.operations += 1
        erasures.asked.append((place.number, self.cloud.now))
        if self.cloud.send(place, work) is not None:
            self.ledger.acknowledge(erasures, place.number)

    def any_token(self) -> str:
        """Often a recent one, which may not have arrived everywhere."""
        every = list(self.ledger.promises)
        return self.dice.choice(self.dice.choice([every[-6:], every]))


def _answer(region: Region, request: Asked) -> list[Result]:
    work = region.import_tokens if request.imports else region.tokenize
    return work(request.items, request.key or None)


def _pairs(region: Region, page: Sequence[str]) -> dict[str, str]:
    """As the use case has it, which refuses a run under a policy that still names the first key."""
    return region.retokenize(MOVING, *page) if region.prf_key(MOVING) > 1 else {}
