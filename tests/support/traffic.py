"""Callers of two Regions at once, and what each answer must be.

Each thread is a caller that waits for its answers. What a Region has not heard of yet may be
`token_not_found` or `store_unavailable` there, as docs/consistency.md has it, and is asked for again.
"""

import random
import threading
import time
from collections.abc import Sequence
from typing import Any, Final

from tests.support.serving_regions import ServingRegion
from tests.support.traffic_ledger import Ledger, Owned, WrongError

ARRIVES_SECONDS: Final = 20.0
"""Within which what a Region acknowledged has to have come to the other one."""

LATE: Final = ("token_not_found", "store_unavailable")
TYPES: Final = ("card_number", "text", "member_card", "note")
CARDS: Final = ("4111111111111111", "5555555555554444", "378282246310005", "6011111111111117")


class Caller:
    """One thread's requests, drawn from a seed."""

    def __init__(self, ledger: Ledger, regions: Sequence[ServingRegion], seed: int) -> None:
        """Takes values in by the first or the second Region, by its seed; erases by the second alone."""
        self._ledger, self._regions, self._dice = ledger, regions, random.Random(seed)
        self._seed, self._numbers = seed, 0
        self._home = regions[seed % 2]

    def step(self) -> None:
        """One request, or a few. Raises `WrongError`."""
        erases = self._home is self._regions[1] and self._ledger.done["tokenize"] > 20
        kinds = [self.tokenize] * 3 + [self.reveal] * 4 + ([self.erase, self.erase_subject] if erases else [])
        self._dice.choice(kinds)()

    def tokenize(self) -> None:
        """One to five values of any type, some of them known to the other callers too."""
        owned = [self._owned() for _ in range(self._dice.randint(1, 5))]
        items = [
            {"type": kind, "value": value} | ({"subject": subject} if subject else {})
            for kind, value, subject in owned
        ]
        answer = self._home.call("POST", "/v1/tokenize", "checkout", "vault/tokenize", {"items": items})
        for value, result in zip(owned, self._results(answer, len(owned)), strict=True):
            if "token" not in result:
                raise WrongError(f"a value is refused: {result.get('error')}")
            self._ledger.take(value, result["token"])
        self._ledger.count("tokenize")

    def reveal(self) -> None:
        """Some tokens, in either Region, until each answer is final."""
        tokens = self._ledger.any(self._dice, 5)
        if tokens:
            self.shown(self._dice.choice(self._regions), tokens)
            self._ledger.count("reveal")

    def shown(self, region: ServingRegion, tokens: Sequence[str]) -> None:
        """Each is what it stands for, or was erased. Raises `WrongError`."""
        deadline, left = time.monotonic() + ARRIVES_SECONDS, list(tokens)
        while left:
            began = time.monotonic()
            body = {"items": [{"token": token} for token in left], "purpose": "settlement"}
            answer = region.call("POST", "/v1/detokenize", "settlement", "vault/detokenize", body)
            results = self._results(answer, len(left))
            left = [
                token
                for token, result in zip(left, results, strict=True)
                if self._is_late(region, token, result, began)
            ]
            if left and time.monotonic() > deadline:
                raise WrongError(f"{left} did not come to {region.name}")
            if left:
                self._ledger.count("asked again")
                time.sleep(0.2)

    def erase(self) -> None:
        """A token, in the second Region."""
        [token] = self._ledger.any(self._dice, 1)
        self._ledger.erasing([token])
        answer = self._regions[1].call("DELETE", f"/v1/tokens/{token}", "privacy", "vault/erase")
        if answer.status != 204:
            raise WrongError(f"an erasure is refused: {answer.status} {answer.body}")
        self._ledger.erased([token], self._regions[1].name)
        self._ledger.count("erase")

    def erase_subject(self) -> None:
        """A person of this caller's own, in the second Region; nobody takes values in for them afterwards."""
        subject = self._subject()
        tokens = self._ledger.of_subject(subject)
        self._numbers += 1
        self._ledger.erasing(tokens)
        answer = self._regions[1].call("DELETE", f"/v1/subjects/{subject}", "privacy", "vault/erase")
        if answer.status != 200:
            raise WrongError(f"an erasure is refused: {answer.status} {answer.body}")
        self._ledger.erased(tokens, self._regions[1].name)
        self._ledger.count("erase a subject")

    def _owned(self) -> Owned:
        kind = self._dice.choice(TYPES)
        subject = self._subject() if self._dice.random() < 0.3 else None
        return kind, self._value(kind), subject

    def _value(self, kind: str) -> str:
        if kind in ("card_number", "member_card"):
            return self._dice.choice(CARDS)
        return f"a value, the {self._dice.randrange(30)}th"

    def _subject(self) -> str:
        return f"person-{self._seed}-{self._numbers}"

    def _results(self, answer: Any, expected: int) -> list[dict[str, Any]]:
        if answer.status != 200 or len(answer.body["results"]) != expected:
            raise WrongError(f"a request failed: {answer.status} {answer.body}")
        return list(answer.body["results"])

    def _is_late(self, region: ServingRegion, token: str, result: dict[str, Any], began: float) -> bool:
        """Whether the answer is not final yet."""
        made = self._ledger.made[token]
        if "value" in result:
            if result["value"] != made.owned[1]:
                raise WrongError(f"{token} opens as another value")
            closed = [
                at + (0 if where == region.name else ARRIVES_SECONDS) for where, at in made.answered.items()
            ]
            if closed and began > min(closed):
                raise WrongError(f"{token} was erased, and opens in {region.name}")
            return False
        code = result["error"]["code"]
        if code not in LATE:
            raise WrongError(f"{token} does not open: {code}")
        return made.asked is None


class Traffic:
    """So many callers side by side, until they are told to stop or one of them is answered wrongly."""

    def __init__(self, regions: Sequence[ServingRegion], callers: int) -> None:
        self.ledger, self._regions = Ledger(), regions
        self.wrong: list[BaseException] = []
        self._over = threading.Event()
        self.callers = [Caller(self.ledger, regions, seed) for seed in range(callers)]
        self._threads = [threading.Thread(target=self._run, args=(each,)) for each in self.callers]

    def __enter__(self) -> "Traffic":
        """A caller of each Region begins alone: a cold start may take longer than a busy machine waits."""
        for caller in self.callers[:2]:
            caller.tokenize()
            caller.reveal()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def require_none_wrong(self) -> None:
        """Raises what the first caller met that may not be."""
        if self.wrong:
            raise self.wrong[0]

    def until(self, what: str, count: int, seconds: float) -> None:
        """Waits for so much more of something. Raises as above, or `WrongError` if it does not come."""
        deadline, wanted = time.monotonic() + seconds, self.ledger.done[what] + count
        while self.ledger.done[what] < wanted:
            self.require_none_wrong()
            if time.monotonic() > deadline:
                raise WrongError(f"no {count} more of {what} within {seconds} s: {self.ledger.done}")
            time.sleep(0.1)

    def check_all(self) -> None:
        """Once nobody calls any more: each token, in each Region. Raises `WrongError`."""
        tokens = list(self.ledger.made)
        for region in self._regions:
            for first in range(0, len(tokens), 100):
                self.callers[0].shown(region, tokens[first : first + 100])

    def _run(self, caller: Caller) -> None:
        try:
            while not self._over.is_set() and not self.wrong:
                caller.step()
        except Exception as error:  # noqa: BLE001  # whatever a caller meets is told by the test's own thread
            self.wrong.append(error)
