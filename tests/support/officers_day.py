"""A scripted day: 200 requests of five services, six people behind them, and what has to be on record of it.

What is expected is written down while the day goes by, from what was sent, never from the trail.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from chalicelib.audit.events import timestamp
from tests.support import policies
from tests.support.identity_provider import ISSUER, IdentityProvider
from tests.support.world import Answer, World

REQUESTS: Final = 200
STEP_SECONDS: Final = 300
START: Final = int(time.time()) // 86400 * 86400 - 3 * 86400 + 6 * 3600
"""Six in the morning (UTC), three days ago."""

NAMES: Final = ("anna", "bert", "carla", "dan", "eva", "finn")
SUBS: Final = {name: str(uuid5(NAMESPACE_URL, name)) for name in NAMES}
SIGN_IN: Final = {"support": ("anna", "bert", "finn"), "privacy": ("anna", "carla"), "intake": ("bert", None)}
"""Who uses which service by signing in to it; at night `intake` works by itself."""

NAMED: Final = ("dan", "eva", "finn", "anna", None)
"""Whom `settlement` says that it asks for. What it says of `anna` is not what she did."""

PROVEN: Final = ("anna", "finn", "stranger", None)
"""For whom `settlement` has proof; that of a `stranger` nobody signed whom the policy names."""

PROVIDER, CLINICS, STRANGER = IdentityProvider(), IdentityProvider(), IdentityProvider()
CLINICS_ISSUER: Final = "https://login.clinic.example"
"""Whose `anna` is another person than the shop's."""


@dataclass(frozen=True)
class Expected:
    """What has to be on record of one token of a request, or of a request that names none."""

    at: str
    client: str
    action: str
    outcome: str
    token: str | None = None
    user_sub: str | None = None
    username: str | None = None
    on_behalf_of: str | None = None
    asserted_by: str | None = None
    asserted_sub: str | None = None


@dataclass
class Day:
    """The day in an account. `now` is the service's clock."""

    account: World | None = None
    now: float = START - 3600
    expected: list[Expected] = field(default_factory=list)
    _drawn: random.Random = field(default_factory=lambda: random.Random(19))
    _shop: list[str] = field(default_factory=list)
    _clinic: list[str] = field(default_factory=list)
    _erasable: list[str] = field(default_factory=list)

    def pass_by(self, account: World) -> None:
        """All of the day: new containers every fifty requests, a checkpoint every forty."""
        self.account = account
        self._prepare()
        services = (self._settlement, self._support, self._privacy, self._intake, self._checkout)
        for number in range(REQUESTS):
            self.now = START + number * STEP_SECONDS
            services[number % len(services)]()
            if number % 40 == 39:
                self.now += 120
                account.maintain()
            if number % 50 == 49:
                account.restart()
        self.now += 600
        account.maintain()

    @property
    def _world(self) -> World:
        assert self.account is not None
        return self.account

    def _prepare(self) -> None:
        items = [{"type": "text_known", "value": f"value {number}"} for number in range(8)]
        self._shop = [entry["token"] for entry in self._world.tokenize(*items).body["results"]]
        drawn = [{"type": "text", "value": "x"}] * 40
        self._erasable = [entry["token"] for entry in self._world.tokenize(*drawn).body["results"]]
        made = self._world.tokenize(*items, client="intake")
        self._clinic = [entry["token"] for entry in made.body["results"]]

    def _settlement(self) -> None:
        """Reveals two tokens by its own credentials, mostly for somebody, some with proof of it, sometimes
        for no good purpose."""
        claimed, proven = self._drawn.choice(NAMED), self._drawn.choice(PROVEN)
        tokens = self._drawn.sample(self._shop, 2)
        said = {} if claimed is None else {"on_behalf_of": claimed}
        proof, behind = self._proof(proven)
        good = self._drawn.random() < 0.8
        purpose = "settlement" if good else "curiosity"
        body = {"items": [{"token": token} for token in tokens], "purpose": purpose, **said, **proof}
        answer = self._world.detokenize(json_body=body, sub="id-of-settlement")
        outcome = "revealed" if good else "not_permitted"
        outcome = "assertion_signature" if proven == "stranger" else outcome
        self._note("settlement", "detokenize", answer, tokens, outcome, said={**said, **behind})

    def _proof(self, name: str | None) -> tuple[dict[str, str], dict[str, str]]:
        """What a request has to prove for whom it is, and what has to be on record of that."""
        if name is None:
            return {}, {}
        if name == "stranger":
            return {"assertion": STRANGER.assertion(self.now)}, {}
        behind = {"asserted_by": ISSUER, "asserted_sub": name}
        return {"assertion": PROVIDER.assertion(self.now, name)}, behind

    def _support(self) -> None:
        """Somebody looks at a mask, or at a token that never was."""
        name = self._drawn.choice(SIGN_IN["support"])
        token = self._drawn.choice([*self._shop, "no-such-token"])
        answer = self._world.masked(token, **_claims(name))
        known = token in self._shop
        outcome = "revealed" if known else "unknown"
        self._note("support", "detokenize.masked", answer, [token if known else None], outcome, name)

    def _privacy(self) -> None:
        """Somebody looks for a value, or erases a token."""
        name = self._drawn.choice(SIGN_IN["privacy"])
        if self._drawn.random() < 0.5:
            number = self._drawn.randrange(len(self._shop))
            answer = self._world.search({"type": "text_known", "value": f"value {number}"}, **_claims(name))
            self._note("privacy", "search", answer, [self._shop[number]], "found", name)
        else:
            token = self._erasable.pop()
            answer = self._world.erase(token=token, **_claims(name))
            self._note("privacy", "erase.token", answer, [token], "erasing", name)

    def _intake(self) -> None:
        """Another tenant's service, which somebody uses in the daytime; at night for an `anna` of its own."""
        name = self._drawn.choice(SIGN_IN["intake"])
        token = self._drawn.choice(self._clinic)
        claims = {"sub": "id-of-intake"} if name is None else _claims(name)
        body: dict[str, Any] = {"items": [{"token": token}], "purpose": "treatment"}
        if name is None:
            body["assertion"] = CLINICS.assertion(self.now, "anna", iss=CLINICS_ISSUER)
        said = {"asserted_by": CLINICS_ISSUER, "asserted_sub": "anna"} if name is None else {}
        answer = self._world.detokenize(json_body=body, client="intake", **claims)
        self._note("intake", "detokenize", answer, [token], "revealed", name, said)

    def _checkout(self) -> None:
        """A service that may not reveal tries, and says for whom, which nobody believes."""
        body = {"items": [{"token": self._shop[0]}], "purpose": "settlement", "on_behalf_of": "eva"}
        answer = self._world.detokenize(json_body=body, client="checkout", sub="id-of-checkout")
        self._note("checkout", "detokenize", answer, [self._shop[0]], "not_permitted")

    def _note(
        self,
        client: str,
        action: str,
        answer: Answer,
        tokens: Sequence[str | None],
        outcome: str,
        name: str | None = None,
        said: dict[str, str] | None = None,
    ) -> None:
        """Writes down what has to be on record; a request that was refused whole names its tokens too."""
        refused = outcome in {"not_permitted", "assertion_signature"}
        assert answer.status in ((403,) if refused else (200, 204)), answer.body
        behind = {"user_sub": SUBS[name], "username": name} if name else {}
        common = {"at": timestamp(self.now), "client": client, "action": action, **behind, **(said or {})}
        for token in tokens:
            self.expected.append(Expected(**common, outcome=outcome, token=token))


def policy() -> dict[str, Any]:
    """The policy of the day: `settlement` may say for whom it reveals, and two services prove it."""
    written = policies.naming("settlement")
    written["tenants"]["shop"]["clients"]["settlement"]["assertions"] = PROVIDER.policy
    clinics = {**CLINICS.policy, "issuer": CLINICS_ISSUER}
    written["tenants"]["clinic"]["clients"]["intake"]["assertions"] = clinics
    return written


def _claims(name: str) -> dict[str, str]:
    return {"sub": SUBS[name], "username": name}
