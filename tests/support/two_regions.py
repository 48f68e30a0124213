"""A seeded history of two Regions that both serve, and what each answer promised.

Every later answer is checked against that: at once for what holds at once, and for the rest once everything
has arrived. What may be otherwise meanwhile stands in docs/consistency.md.
"""

import random
import string
from dataclasses import dataclass, field
from typing import Any

from chalicelib.errors import SecretNotArrived, SubjectErased, TokenNotFound
from chalicelib.model import TokenFacts
from chalicelib.service.results import Result
from chalicelib.service.revealer import Result as RevealResult
from chalicelib.service.revealer import Revealed
from tests.support.drawn_requests import DrawnRequests
from tests.support.regions import TYPES, Region
from tests.support.vault_in_regions import Vault

VALUES = [f"{number:04}" for number in range(1000, 1020)]
SUBJECTS = tuple(f"p{number}" for number in range(25))


@dataclass
class Promise:
    """What a caller was told of a token."""

    type: str
    value: str
    subject: str | None


@dataclass
class KeyedRequest:
    """A request, where it was sent, under which key, and the tokens that its items are known to have."""

    region: int
    items: list[dict[str, Any]]
    key: str
    sent: float
    tokens: dict[int, str] = field(default_factory=dict)


class History:
    """A run of so many steps, with what the answers promised."""

    def __init__(self, vault: Vault, dice: random.Random) -> None:
        self.vault, self.dice = vault, dice
        self.drawn = DrawnRequests(dice, TYPES, VALUES, SUBJECTS, of_subjects=0.6)
        self.promises: dict[str, Promise] = {}
        self.keyed: list[KeyedRequest] = []
        self.erased: list[set[str]] = [set() for _ in vault.regions]
        """Tokens whose erasing was acknowledged, by the Region that did it."""
        self.erased_at: dict[str, float] = {}
        """When each of them was erased first."""
        self.erased_subjects: list[set[str]] = [set() for _ in vault.regions]
        self.at_rest = False

    def run(self, steps: int) -> None:
        """The steps, with something arriving between them; then everything arrives, and all is looked at."""
        kinds = [self.tokenize] * 6 + [self.replay] * 2 + [self.reveal] * 6
        kinds += [self.erase] * 2 + [self.erase_made_up, self.erase_subject, self.clean, self.rewrap]
        for _ in range(steps):
            self.dice.choice(kinds)()
            self.vault.now += self.dice.choice([0, 1, 5])
            self.vault.network.deliver(self.dice.choice([0, 0, 1, 2, 3, 8]))
        self.come_to_rest()
        self.check_all()

    def come_to_rest(self) -> None:
        """Everything arrives, and the clean-up of both Regions has done its work."""
        for _ in range(2):
            self.vault.network.settle()
            self.vault.now += 1000
            for region in self.vault.regions:
                region.clean()
        self.vault.network.settle()
        self.at_rest = True

    def tokenize(self) -> None:
        items, key = self.drawn.items(), self.drawn.key()
        request = KeyedRequest(self.dice.randrange(2), items, key, self.vault.now)
        if key:
            self.keyed.append(request)
        self._send(request)

    def replay(self) -> None:
        if self.keyed:
            self._send(self.dice.choice(self.keyed))

    def _send(self, request: KeyedRequest) -> None:
        results = self.vault.regions[request.region].tokenize(request.items, request.key or None)
        for position, (item, result) in enumerate(zip(request.items, results, strict=True)):
            self._take(request, position, item, result)

    def _take(self, request: KeyedRequest, position: int, item: dict[str, Any], result: Result) -> None:
        subject = item.get("subject")
        if isinstance(result, SubjectErased):
            assert subject in self._all(self.erased_subjects), "a subject is called erased that nobody erased"
            return
        if isinstance(result, TokenNotFound):
            self._check_gone(request.tokens[position], "a replay")
            return
        assert isinstance(result, TokenFacts), result
        token = result.token
        assert subject not in self.erased_subjects[request.region], "a value of an erased subject is taken in"
        assert token not in self.erased[request.region], f"{token} was erased here, and is answered again"
        before = request.tokens.get(position, token)
        # Erased elsewhere before the first try, which had not heard of it; or in both Regions, neither of
        # which had heard of the other, so that the later time stands.
        dead = self.erased_at.get(before, request.sent) < request.sent
        dead = dead or all(before in erased for erased in self.erased)
        assert before == token or dead, "a replay answered another token"
        request.tokens[position] = token
        promise = Promise(item["type"], item["value"], subject)
        assert self.promises.setdefault(token, promise) == promise, f"{token} stands for two values"

    def reveal(self) -> None:
        if self.promises:
            self._reveal(self.dice.randrange(2), self._any_token())

    def _reveal(self, number: int, token: str) -> None:
        try:
            [result] = self.vault.regions[number].reveal(token)
        except SecretNotArrived:
            assert not self.at_rest, f"{token} still waits for a secret"
            return
        self._check(number, token, result)

    def _check(self, number: int, token: str, result: RevealResult) -> None:
        promise = self.promises[token]
        if isinstance(result, Revealed):
            assert (result.value.reveal(), result.type) == (promise.value, promise.type), "another value"
            assert token not in self.erased[number], f"{token} was erased here, and opens"
            assert promise.subject not in self.erased_subjects[number], f"{token} is of an erased subject"
            if self.at_rest:
                assert token not in self._all(self.erased), f"{token} was erased elsewhere, and opens"
                assert promise.subject not in self._all(self.erased_subjects), f"{token} is of an erased one"
            return
        assert isinstance(result, TokenNotFound), result
        if result.reason != "unknown" or self.at_rest:
            self._check_gone(token, "an answer")

    def _check_gone(self, token: str, what: str) -> None:
        """Somebody erased it, or its subject."""
        erased = token in self._all(self.erased)
        closed = self.promises[token].subject in self._all(self.erased_subjects)
        assert erased or closed, f"{what} says that {token} is gone, and nobody erased it"

    def erase(self) -> None:
        if self.promises:
            self._erase(self._any_token())

    def _any_token(self) -> str:
        """Often a recent one, which may not have arrived everywhere."""
        every = list(self.promises)
        return self.dice.choice(self.dice.choice([every[-6:], every]))

    def erase_made_up(self) -> None:
        """Of the small space, so that it may hit a token of somebody, or one to come."""
        formatted = [token for token, promise in self.promises.items() if promise.type == "short"]
        if formatted:
            token = self.dice.choice(sorted(formatted))
            self._erase(token[:1] + "".join(self.dice.choices(string.digits, k=len(token) - 1)))

    def _erase(self, token: str) -> None:
        number = self.dice.randrange(2)
        self.vault.regions[number].erase(token)
        self.erased[number].add(token)
        self.erased_at.setdefault(token, self.vault.now)

    def erase_subject(self) -> None:
        if self.dice.random() < 0.7:
            named = sorted({promise.subject for promise in self.promises.values() if promise.subject})
            number, subject = self.dice.randrange(2), self.dice.choice(named or SUBJECTS)
            self.vault.regions[number].erase_subject(subject)
            self.erased_subjects[number].add(subject)

    def rewrap(self) -> None:
        """Some records, under any version: so both Regions seal each other's again, and never back."""
        if self.promises:
            tokens = sorted({self._any_token() for _ in range(8)})
            self.dice.choice(self.vault.regions).rewrap(self.dice.choice(self.vault.versions), *tokens)

    def clean(self) -> None:
        self.dice.choice(self.vault.regions).clean()

    def check_all(self) -> None:
        """Every token in both Regions, every request again, and what is left in the tables."""
        for token in sorted(self.promises):
            for number in range(len(self.vault.regions)):
                self._reveal(number, token)
        a, b = self.vault.regions
        assert (dict(a.vault), dict(a.subjects)) == (dict(b.vault), dict(b.subjects)), "the tables differ"
        self._check_left(a)
        for request in self.keyed:
            self._send(request)

    def _check_left(self, region: Region) -> None:
        """Nothing is left of erased subjects: neither a secret nor a record that names one."""
        erased = {f"shop#{subject}" for subject in self._all(self.erased_subjects)}
        secrets = {pk for pk, sort in region.subjects if sort.startswith("secret#")}
        named = {item["subject"]["S"] for item in region.vault.values() if "subject" in item}
        assert not erased & (secrets | named), "something is left of an erased subject"

    @staticmethod
    def _all(by_region: list[set[str]]) -> set[str]:
        return set().union(*by_region)
