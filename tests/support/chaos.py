"""A seeded history of an account: several containers a function, faults around any call, deaths, late writes.

The oracle beside it knows what each answer promised, and checks every later answer against that. Nothing of
the product is replaced: faults are injected around the calls of clients, and time is handed in.
"""

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from tokenvault_client.audit import KmsKeys, verify

from chalicelib import wiring
from chalicelib.errors import TokenvaultError
from tests.support import policies
from tests.support.account import emulated
from tests.support.chaos_account import Chaos, Died
from tests.support.drawn_requests import DrawnRequests
from tests.support.world import Answer

SMALL = {"format": "custom", "options": {"alphabet": "012345", "length": 4}}
"""A mark and three of six characters: 216 tokens, so that a place which fell free is soon taken again."""

TYPES: dict[str, dict[str, Any]] = {
    "short": {**SMALL, "default_ttl_seconds": 60, "max_ttl_seconds": 60, "expected_tokens": 50},
    "known": {**SMALL, "mode": "deterministic", "derivation": "cached", "expected_tokens": 50},
    "text": {"format": "text"},
    "brief": {"format": "text", "default_ttl_seconds": 60, "max_ttl_seconds": 60},
}
VALUES = [f"1{tens}{ones}{tens}" for tens in range(6) for ones in range(6)]
SUBJECTS = ["p1", "p2", "p3"]
CANARY = "text_canary"
"""A token of the policy that never was."""

KINDS = ("tokenize",) * 5 + ("replay",) * 3 + ("reveal",) * 3 + ("erase",) * 2
KINDS += ("erase_subject", "search", "pass_time", "maintain")
"""Steps, each as often as it is among them."""

UNSETTLED = {503, 500}
"""Statuses after which nothing is known of what was done."""


@dataclass
class Promise:
    """What a caller was told of a token."""

    type: str
    value: str
    subject: str | None
    expires: float | None
    gone: bool = False
    """An erasing of it, or of its subject, was acknowledged."""
    erasing: bool = False
    """An erasing of it was asked for, and may have been done."""


@dataclass
class KeyedRequest:
    """A request under an idempotency key, and the tokens that its items are known to have."""

    items: list[dict[str, Any]]
    key: str
    tokens: dict[int, str] = field(default_factory=dict)


class History:
    """A run of so many steps from a seed, with everything that the answers promised."""

    def __init__(
        self, account: Chaos, dice: random.Random, clock: list[float], types: Collection[str]
    ) -> None:
        self.account, self.dice, self.clock = account, dice, clock
        self.drawn = DrawnRequests(dice, types, VALUES, SUBJECTS, of_subjects=0.2)
        self.promises: dict[str, Promise] = {}
        self.keyed: list[KeyedRequest] = []
        self.erased_subjects: set[str] = set()
        self.erasing_subjects: set[str] = set()
        self.revealed: list[str] = []

    def run(self, steps: int, kinds: Sequence[str] = KINDS, pace: float = 0.0) -> None:
        """The steps, so many seconds apart, then a quiet end: what is late arrives, and all is looked at."""
        for _ in range(steps):
            getattr(self, self.dice.choice(kinds))()
            self.clock[0] += pace
        self.account.deliver_late_writes()
        self.check_all()

    def now(self) -> float:
        return wiring.time.time()

    def tokenize(self) -> None:
        request = KeyedRequest(self.drawn.items(), self.drawn.key())
        if request.key:
            self.keyed.append(request)
        self._send(request)

    def replay(self) -> None:
        if self.keyed:
            self._send(self.dice.choice(self.keyed))

    def _send(self, request: KeyedRequest) -> None:
        started, ask = self.now(), lambda: self._ask(request)
        self._take(request, started, self.account.send("tokenize", ask))

    def _ask(self, request: KeyedRequest) -> Answer:
        options = {"idempotency_key": request.key} if request.key else {}
        return self.account.tokenize(*request.items, **options)

    def _take(self, request: KeyedRequest, started: float, answer: Answer | None) -> None:
        if answer is None or answer.status in UNSETTLED:
            return
        assert answer.status == 200, answer.body
        for position, (item, result) in enumerate(zip(request.items, answer.body["results"], strict=True)):
            if "token" in result:
                self._promised(request, position, item, result["token"], started)

    def _promised(
        self, request: KeyedRequest, position: int, item: dict[str, Any], token: str, started: float
    ) -> None:
        subject = item.get("subject")
        assert subject not in self.erased_subjects, "a value of an erased subject was taken in"
        known = self.promises.get(token)
        if known is not None:
            same = (known.type, known.value, known.subject) == (item["type"], item["value"], subject)
            assert same, f"{token} stands for two values"
            assert not known.gone, f"{token} was erased, and is answered again"
        replayed = request.tokens.get(position) if request.key else None
        assert replayed in (None, token), "a replay answered another token"
        request.tokens[position] = token
        if item["type"] == "known":
            self._single_active_token(item, token)
        if known is None:
            ttl = TYPES[item["type"]].get("default_ttl_seconds")
            expires = None if ttl is None else started + ttl + 1
            self.promises[token] = Promise(item["type"], item["value"], subject, expires)

    def _single_active_token(self, item: dict[str, Any], token: str) -> None:
        same = ("known", item["value"], item.get("subject"))
        for other, promise in self.promises.items():
            if (promise.type, promise.value, promise.subject) == same and other != token:
                assert promise.gone or promise.erasing, "a deterministic value has two active tokens"

    def reveal(self) -> None:
        if not self.promises:
            return
        tokens = self.dice.choices(sorted(self.promises), k=self.dice.randint(1, 4))
        if self.dice.random() < 0.75:
            tokens.insert(self.dice.randrange(len(tokens) + 1), CANARY)
        self._reveal(tokens, lambda: self.account.detokenize(*tokens))

    def _reveal(self, tokens: list[str], ask: Callable[[], Answer]) -> None:
        before = self.now()
        answer = self.account.send("reveal", ask)
        if answer is None or answer.status in UNSETTLED:
            return
        assert answer.status == 200, answer.body
        for token, result in zip(tokens, answer.body["results"], strict=True):
            if token != CANARY:
                self._check(token, result, before)
        self.revealed += [
            token for token, r in zip(tokens, answer.body["results"], strict=True) if "value" in r
        ]

    def _check(self, token: str, result: dict[str, Any], before: float) -> None:
        promise = self.promises[token]
        closed = promise.gone or promise.subject in self.erased_subjects
        expired = promise.expires is not None and promise.expires <= before
        if "value" in result:
            assert result["value"] == promise.value, f"{token} opens as another value"
            assert result["type"] == promise.type
            assert not closed, f"{token} was erased, and opens"
            assert not expired, f"{token} expired, and opens"
        else:
            assert result["error"]["code"] == "token_not_found"
            may_expire = promise.expires is not None and promise.expires - 2 <= self.now()
            maybe = promise.erasing or promise.subject in self.erasing_subjects
            assert closed or expired or may_expire or maybe, f"{token} is lost"

    def erase(self) -> None:
        if not self.promises:
            return
        token = self.dice.choice(sorted(self.promises))
        self.promises[token].erasing = True
        answer = self.account.send("reveal", lambda: self.account.erase(token=token))
        if answer is not None and answer.status == 204:
            self.promises[token].gone = True

    def erase_subject(self) -> None:
        if self.dice.random() < 0.7:
            return
        subject = self.dice.choice(SUBJECTS)
        self.erasing_subjects.add(subject)
        answer = self.account.send("reveal", lambda: self.account.erase(subject=subject))
        if answer is not None and answer.status == 200:
            self.erased_subjects.add(subject)

    def search(self) -> None:
        value = self.dice.choice(VALUES)
        item = {"type": "known", "value": value}
        answer = self.account.send("tokenize", lambda: self.account.search(item))
        if answer is not None and answer.status not in UNSETTLED:
            self._found(value, answer.only)

    def _found(self, value: str, result: dict[str, Any]) -> None:
        active = [
            token
            for token, p in self.promises.items()
            if (p.type, p.value, p.subject) == ("known", value, None) and not (p.gone or p.erasing)
        ]
        if "token" in result:
            assert active in ([], [result["token"]]), "search finds another token than was answered"
        else:
            assert not active, "search does not find a token that was answered"

    def pass_time(self) -> None:
        """An hour or a minute; DynamoDB removes what its `ttl` allows, and late writes arrive."""
        self.clock[0] += self.dice.choice([5, 70, 400])
        self.account.deliver_late_writes()
        if self.dice.random() < 0.5:
            self.remove_expired()

    def remove_expired(self) -> None:
        """As DynamoDB does."""
        for item in self.account.items("vault"):
            if "ttl" in item and int(item["ttl"]["N"]) <= self.now():
                key = {"pk": item["pk"], "sk": item["sk"]}
                self.account.dynamodb.delete_item(TableName="vault", Key=key)

    def maintain(self) -> None:
        self.account.fate.rate = self.dice.choice([0.0, 0.05])
        try:
            self.account.maintain()
        except (Died, TokenvaultError):
            pass
        finally:
            self.account.fate.rate = 0.0

    def check_all(self) -> None:
        """Every token once more, without faults; replays; then the trail."""
        self.account.services = {name: pool[0] for name, pool in self.account.pools.items()}
        for token in sorted(self.promises):
            answer = self.account.detokenize(token)
            self._check(token, answer.only, self.now())
        self.search_all()
        for request in self.keyed:
            self._take(request, self.now(), self._ask(request))
        self.clock[0] += 120
        self.account.maintain()
        self.check_trail()

    def search_all(self) -> None:
        """Every deterministic value has the token that was answered, whatever DynamoDB removed beside it."""
        self.clock[0] += 400
        self.remove_expired()
        items = [{"type": "known", "value": value} for value in VALUES]
        for value, result in zip(VALUES, self.account.search(*items).body["results"], strict=True):
            self._found(value, result)

    def check_trail(self) -> None:
        """Every reveal is on record, and the trail verifies whole."""
        recorded = {
            outcome["M"]["token"]["S"]
            for event in self.account.items("audit")
            for outcome in event.get("outcomes", {"L": []})["L"]
            if outcome["M"]["outcome"]["S"] == "revealed"
        }
        assert set(self.revealed) <= recorded, "a reveal is off record"
        keys = KmsKeys(self.account.kms, self.account.audit_key)
        report = verify(self.account.items("audit"), vault_id=policies.VAULT_ID, unwrap=keys)
        assert not report.findings, f"the trail does not verify whole: {report.findings}"


@contextmanager
def history(seed: int, types: Collection[str] = TYPES) -> Iterator[History]:
    """A fresh account and an empty history from a seed; it tokenizes values of these types."""
    dice, clock, real = random.Random(seed), [0.0], wiring.time.time
    written = policies.document(TYPES)
    written["tenants"]["shop"]["canaries"] = [CANARY]
    with pytest.MonkeyPatch.context() as patch, emulated():
        patch.setattr(wiring.time, "time", lambda: real() + clock[0])
        yield History(Chaos(written, dice), dice, clock, types)
