"""A client that knows all Regions and goes on in the next one where the first does not serve (ADR 17).

What a call does is the product's own client: when it is sent again, where, and when it may move. Simulated
are the way to each Region and the time. The values of a call have a subject of their own, so that their
records can be counted in the end.
"""

import json
import random
from collections.abc import Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

import msgspec
from tokenvault_client import operations
from tokenvault_client.access_tokens import AccessToken
from tokenvault_client.blocking import finished
from tokenvault_client.calling import Caller
from tokenvault_client.deadlines import Deadline
from tokenvault_client.errors import ProblemError
from tokenvault_client.failover import Preference
from tokenvault_client.http import ConnectionFailed, Response
from tokenvault_client.regions import Places, Region
from tokenvault_client.results import TokenizeItem
from tokenvault_client.retries import Retries

from chalicelib.api import problems
from chalicelib.api.bodies import result_body
from chalicelib.errors import StoreUnavailable
from chalicelib.vault.requests import LIFETIME_SECONDS
from chalicelib.vault.token_items import SUBJECT, subject_partition
from tests.support.regions import TENANT
from tests.support.simulation.cloud import Cloud
from tests.support.simulation.ledger import Ledger
from tests.support.simulation.plans import DIGIT_VALUES
from tests.support.simulation.promises import Asked, hold

CALL_SECONDS = 30.0
ATTEMPTS = 4
TYPES = ("brief", "short", "text")
"""Random ones: a deterministic value has one token wherever it is taken in."""


@dataclass
class Tokenizing:
    """What a caller asked the client for, and the requests that Regions were sent for it."""

    items: list[dict[str, str]]
    key: str
    sent: float
    asked: dict[int, Asked] = field(default_factory=dict)
    """By Region, once a request may have arrived there."""


class NoAccessTokens:
    """An `AccessTokenSource` in front of what asks for none."""

    async def get(self, actions: Set[str], deadline: Deadline) -> AccessToken:
        return AccessToken("none", frozenset(), 0.0)

    async def forget(self, refused: AccessToken, deadline: Deadline) -> None:
        raise AssertionError("no access token is refused here")


class FailingOver:
    """One client, whose methods without an underscore are steps of a history."""

    def __init__(self, cloud: Cloud, ledger: Ledger, dice: random.Random, numbers: "count[int]") -> None:
        """`numbers` tell requests apart, those of other clients too."""
        self._cloud, self._ledger, self._dice, self._numbers = cloud, ledger, dice, numbers
        self.operations = 0
        self.calls: dict[str, Tokenizing] = {}
        order = [place.number for place in cloud.places]
        regions = [Region(None, partial(self._send, number), NoAccessTokens()) for number in order]
        retries = Retries(attempts=ATTEMPTS, draw=dice.random)
        preference = Preference(len(order), lambda: cloud.now)
        self._caller = Caller(Places(regions, retries, preference, "unsent"), retries, self._pause)

    def tokenize_failing_over(self) -> None:
        """Under a key of the client's own making, which nobody uses again, or under one of the caller's."""
        subject = f"c{next(self._numbers)}"
        items = [
            {"type": self._dice.choice(TYPES), "value": self._dice.choice(DIGIT_VALUES), "subject": subject}
            for _ in range(self._dice.randint(1, 2))
        ]
        own = f"{subject}-{'k' * 22}" if self._dice.random() < 0.5 else ""
        self._call(Tokenizing(items, own, self._cloud.now))

    def tokenize_after_a_crash(self) -> None:
        """A caller sends what it may have sent before, under the key that it put down."""
        recent = [
            each
            for each in self.calls.values()
            if each.key and self._cloud.now - each.sent < LIFETIME_SECONDS
        ]
        if recent:
            self._call(self._dice.choice(recent))

    def check(self) -> None:
        """No value of a call has two records, in whichever Region. Raises `Broken`."""
        for called in self.calls.values():
            owned = {"S": subject_partition(TENANT, called.items[0]["subject"])}
            items = [pair for place in self._cloud.places for pair in place.tables.vault.items()]
            records = {place for place, item in items if item.get(SUBJECT) == owned}
            hold(len(records) <= len(called.items), f"a value has several tokens: {records}")

    def _call(self, called: Tokenizing) -> None:
        given = [TokenizeItem(each["type"], each["value"], subject=each["subject"]) for each in called.items]
        many = operations.tokenize(given, called.key or None)
        batch = list(many.items)
        self.calls[str(many.call("0", batch).idempotency_key)] = called
        deadline = Deadline.after(CALL_SECONDS, lambda: self._cloud.now)
        with suppress(ProblemError):
            finished(self._caller.batch(many, "0", batch, deadline))

    async def _send(
        self, number: int, method: str, path: str, headers: Mapping[str, str], body: bytes | None, _: float
    ) -> Response:
        place = self._cloud.place_of(number)
        if place is None or self._dice.random() < 3 * self._cloud.fate.rate:
            raise ConnectionFailed("ConnectionRefusedError", sent=False)
        if method == "GET":
            return Response(200, {}, b"{}")
        called = self.calls[headers["Idempotency-Key"]]
        asked = called.asked.setdefault(
            number, Asked(next(self._numbers), number, called.items, called.key or "k", called.sent)
        )
        hold(len(called.asked) == 1, "what may have made tokens is sent to another Region")
        hold(json.loads(body or b"{}")["items"] == called.items, "another request is sent again")
        return self._answer(place, asked, headers["Idempotency-Key"])

    def _answer(self, place: Any, asked: Asked, key: str) -> Response:
        """What comes of a request that arrived. What is not known of it may be lost on the way, too."""
        self.operations += 1
        self._ledger.sends(asked)
        since = self._ledger.began(self._cloud.now)
        results = self._cloud.send(place, lambda region: region.tokenize(asked.items, key))
        if isinstance(results, list):
            self._ledger.take(asked, since, results)
        if not isinstance(results, list) or self._dice.random() < self._cloud.fate.rate:
            return self._unanswered()
        body = {"results": [result_body(result) for result in results]}
        return Response(200, {}, msgspec.json.encode(body))

    def _unanswered(self) -> Response:
        if self._dice.random() < 0.5:
            raise ConnectionFailed("TimeoutError")
        refused = problems.response(StoreUnavailable("the simulated table did not answer"), "request")
        return Response(refused.status, {}, refused.body)

    async def _pause(self, seconds: float) -> None:
        self._cloud.now += seconds
        self._cloud.network.deliver(2)
