"""What the answers of a history promised, and what each later answer must then be.

What docs/consistency.md says may happen meanwhile, or is lost, is allowed here and nowhere else.
"""

from collections import defaultdict
from dataclasses import replace

from chalicelib.errors import (
    RecordCorrupt,
    SecretNotArrived,
    StoreUnavailable,
    SubjectErased,
    TokenNotFound,
    TokenSpaceExhausted,
    TokenTaken,
)
from chalicelib.model import TokenFacts
from chalicelib.service.results import Result
from chalicelib.service.revealer import Result as RevealResult
from chalicelib.service.revealer import Revealed
from chalicelib.vault.requests import CLOCKS_SECONDS
from tests.support.simulation.plans import MOVING
from tests.support.simulation.promises import (
    NOBODY,
    Asked,
    Broken,
    Erasures,
    OwnedValue,
    Promise,
    Since,
    hold,
)


class Ledger:
    """All promises of a history. Moments count what was asked and answered."""

    def __init__(self) -> None:
        self.moment = 0
        self.promises: dict[str, Promise] = {}
        self.tokens_of: dict[OwnedValue, list[str]] = defaultdict(list)
        self.erasures: dict[str, Erasures] = defaultdict(Erasures)
        self.subjects: dict[str, Erasures] = defaultdict(Erasures)
        self.revealed: list[tuple[int, str]] = []
        self.found: list[tuple[int, str]] = []
        self.asked: set[tuple[str, str]] = set()
        """Types and values that somebody had taken in, answered or not."""
        self.came_with: dict[str, dict[tuple[int, int], str | None]] = defaultdict(dict)
        """By token, the requests to import it and the items in them, answered or not, with their subjects."""
        self.scattered: set[str] = set()
        """Tokens of a Region that was lost when they had not come everywhere."""
        self.torn: set[str] = set()
        """Subjects of whom a secret was made in a Region that was lost before it had come everywhere."""
        self.at_rest = False

    def began(self, now: float) -> Since:
        """The moment at which something is asked."""
        self.moment += 1
        return Since(self.moment, now)

    def sends(self, request: Asked) -> None:
        """A request is on its way, and what becomes of it may never be known."""
        request.tries += 1
        self.asked |= {(item["type"], item["value"]) for item in request.items}
        for position, item in enumerate(request.items if request.imports else ()):
            self.came_with[item["token"]][request.number, position] = item.get("subject")

    def acknowledge(self, erasures: Erasures, region: int) -> None:
        """An erasure was answered by a Region."""
        self.moment += 1
        erasures.acknowledged.setdefault(region, self.moment)

    def take(self, request: Asked, since: Since, results: list[Result], prf_key: int = 1) -> None:
        """The answers to a request to tokenize or to import, by a container that derives tokens of the type
        that moves with this PRF key. Raises `Broken`."""
        for position, (item, result) in enumerate(zip(request.items, results, strict=True)):
            key = prf_key if item["type"] == MOVING else 1
            owned = OwnedValue(item["type"], item["value"], item.get("subject"), key)
            if isinstance(result, TokenFacts):
                self._promise(request, position, owned, result, since)
            else:
                self._refused(request, position, owned, result)

    def _promise(
        self, request: Asked, position: int, owned: OwnedValue, facts: TokenFacts, since: Since
    ) -> None:
        token, made_by = facts.token, (request.number, position)
        self._closed_nowhere(token, owned.subject, request.region, since, "is answered again")
        known = self.promises.get(token)
        another = known is None or known.owned != owned or (request.imports and known.made_by != made_by)
        if known is None or (another and token in self.scattered):
            known = self.promises[token] = Promise(owned, made_by, facts.expires_at)
            self.tokens_of[owned].append(token)
        hold(known.owned == owned, f"{token} stands for two values")
        if owned.type not in DETERMINISTIC:
            hold(known.made_by == made_by, f"two requests have the token {token}")
        self._answered_by(known, request.region)
        self._single(owned, token)
        before = request.tokens.setdefault(position, token)
        moved = self.promises[before].owned.prf_key != owned.prf_key
        hold(before == token or moved or self._may_change(before, request), "a replay answered another token")
        request.tokens[position] = token

    def _answered_by(self, promise: Promise, region: int) -> None:
        """A Region answers a token, perhaps not for the first time."""
        self.moment += 1
        promise.regions.setdefault(region, self.moment)

    def _single(self, owned: OwnedValue, token: str) -> None:
        """A deterministic value has one token, but for those whose erasure was asked for: a Region that has
        not heard of that goes on to answer them."""
        if owned.type in DETERMINISTIC and not self.maybe_closed(token):
            others = [other for other in self.tokens_of[owned] if other != token]
            alive = [other for other in others if not self.maybe_closed(other)]
            hold(not alive, f"a value has two tokens: {token} and {alive}")

    def _may_change(self, before: str, request: Asked) -> bool:
        """Erased elsewhere before the first try, which had not heard of it; or in two Regions, neither of
        which had heard of the other, so that the later time stands. A deterministic value's token that
        another request had made goes by the times of two clocks."""
        promise, erasures = self.promises[before], self.erasures[before].asked
        early = any(at < request.sent for _, at in erasures)
        deterministic = promise.owned.type in DETERMINISTIC and bool(erasures)
        return (
            before in self.scattered or early or deterministic or len({region for region, _ in erasures}) > 1
        )

    def _refused(self, request: Asked, position: int, owned: OwnedValue, result: Result) -> None:
        """What a value that has no token may be told."""
        if isinstance(result, SubjectErased):
            hold(bool(self._subject(owned).asked), "a subject is called erased that nobody erased")
        elif isinstance(result, TokenNotFound):
            self._refused_replay(request, position, owned)
        elif isinstance(result, TokenTaken):
            hold(request.imports and self._is_taken(request, position), "a token is called taken that is not")
        elif isinstance(result, TokenSpaceExhausted):
            hold(owned.type in SMALL or bool(self._erased_of(owned)), "a space is called exhausted")
        else:
            hold(isinstance(result, StoreUnavailable), f"a value is refused: {result}")

    def _refused_replay(self, request: Asked, position: int, owned: OwnedValue) -> None:
        again = bool(request.key) and request.tries > 1
        hold(again or self._met_an_erasure(request, owned), "a first try is refused as a replay")
        token = request.tokens.get(position)
        if token is not None:
            promise = self.promises[token]
            moved = promise.owned.prf_key != owned.prf_key and bool(self._erased_of(owned))
            expired = promise.expires is not None
            hold(expired or moved or self.maybe_closed(token), f"a replay says that {token} is gone")
        hold(
            token is not None
            or owned.type in EXPIRING
            or (request.imports and self._may_have_closed(request.items[position]["token"]))
            or bool(self._erased_of(owned))
            or owned.type in SMALL,
            "a replay is refused, and nothing of the value was erased",
        )

    def _may_have_closed(self, token: str) -> bool:
        """Whether an imported token was erased, or the subject of any value that came with it: what the
        clean-up leaves has no mark of a request, so that whoever met another's token may be told so."""
        subjects = [subject for subject in self.came_with[token].values() if subject]
        return bool(self.erasures[token].asked) or any(self.subjects[each].asked for each in subjects)

    def _is_taken(self, request: Asked, position: int) -> bool:
        """Whether another item came with the token, or somebody had it erased before this one did."""
        token = request.items[position]["token"]
        others = self.came_with[token].keys() - {(request.number, position)}
        erased = self.erasures[token].asked
        if position in request.tokens:
            return token in self.scattered or any(at < request.sent for _, at in erased)
        return bool(others or erased)

    def _met_an_erasure(self, request: Asked, owned: OwnedValue) -> bool:
        """Where tokens are few, a draw may fall on one that somebody made up and had erased, as it seems by
        two clocks, since the request was sent: it passes for the request's own."""
        times = [at for erasures in self.erasures.values() for _, at in erasures.asked]
        return owned.type in SMALL and any(at >= request.sent - 2 * CLOCKS_SECONDS for at in times)

    def check_found(self, region: int, owned: OwnedValue, result: Result, since: Since) -> None:
        """The answer to a search for a value. Raises `Broken`."""
        if isinstance(result, TokenFacts):
            self.found.append((region, result.token))
            # Nobody may have been told of it: the answer to whoever took the value in was lost.
            if result.token not in self.promises:
                self.promises[result.token] = Promise(owned, FOUND, result.expires_at)
                self.tokens_of[owned].append(result.token)
            known = self.promises[result.token]
            hold(known.owned == owned, f"{result.token} is found for another value")
            self._closed_nowhere(result.token, owned.subject, region, since, "is found")
            return
        hold(isinstance(result, TokenNotFound), f"a value that is sought does not open: {result}")
        for token in self.tokens_of[owned]:
            here = self.promises[token].was_made(region, since) or self.at_rest
            hold(not here or self.maybe_closed(token), f"{token} is not found")

    def moved(self, region: int, old: str, new: str, since: Since) -> None:
        """A pair of a token and the one that its value has under the second PRF key. Raises `Broken`."""
        promise = self.promises[old]
        hold(promise.owned.type == MOVING and promise.owned.prf_key == 1, f"{old} moves, and has no need to")
        owned = replace(promise.owned, prf_key=2)
        for token in (old, new):
            self._closed_nowhere(token, owned.subject, region, since, "is in a pair")
        if new not in self.promises:
            self.promises[new] = Promise(owned, FOUND, None)
            self.tokens_of[owned].append(new)
        hold(self.promises[new].owned == owned, f"{new} is a pair's for another value")
        self._answered_by(self.promises[new], region)
        self._single(owned, new)

    def check(self, region: int, token: str, result: RevealResult, since: Since) -> None:
        """The answer to a reveal. Raises `Broken`."""
        promise = self.promises[token]
        if isinstance(result, Revealed):
            self._opened(region, token, result, since)
        elif isinstance(result, SecretNotArrived):
            lost = token in self.scattered or promise.owned.subject in self.torn
            hold(not self.at_rest or lost, f"{token} still waits for a secret")
        elif token in self.scattered and promise.owned.subject in self.torn:
            # It waits for its secret for good, so that no walk can move it before its version retires.
            hold(isinstance(result, RecordCorrupt | TokenNotFound), f"{token} does not open: {result}")
        elif isinstance(result, TokenNotFound):
            self._not_found(region, token, result.reason, since)
        else:
            raise Broken(f"{token} does not open: {result}")

    def _opened(self, region: int, token: str, result: Revealed, since: Since) -> None:
        promise = self.promises[token]
        self.revealed.append((region, token))
        shown = result.type, result.value.reveal()
        own = shown == (promise.owned.type, promise.owned.value)
        # Of a Region that was lost the place may be another's, who was never told so.
        hold(own or (token in self.scattered and shown in self.asked), f"{token} opens as another value")
        self._closed_nowhere(token, promise.owned.subject, region, since, "opens")
        expires = promise.expires if own else None
        hold(expires is None or since.time < expires + CLOCKS_SECONDS, f"{token} expired, and opens")

    def _not_found(self, region: int, token: str, reason: str, since: Since) -> None:
        promise = self.promises[token]
        may_expire = promise.expires is not None and promise.expires - CLOCKS_SECONDS <= since.time + 100
        if reason == "expired":
            hold(may_expire, f"{token} is called expired")
        elif reason == "erased":
            hold(self.maybe_closed(token), f"{token} is called erased, and nobody erased it")
        else:
            elsewhere = not promise.was_made(region, since) and not self.at_rest
            gone = may_expire or self.maybe_closed(token)
            hold(elsewhere or gone, f"{token} is lost")

    def _closed_nowhere(self, token: str, subject: str | None, region: int, since: Since, what: str) -> None:
        """No Region that counts has acknowledged that it, or its subject, is erased."""
        for erasures in (self.erasures.get(token), self.subjects.get(subject or "")):
            for where, moment in erasures.acknowledged.items() if erasures else ():
                counts = (where == region or self.at_rest) and moment < since.moment
                hold(not counts, f"{token} or its subject was erased, and {what}")

    def maybe_closed(self, token: str) -> bool:
        """Whether anybody asked for the erasure of it or of its subject, or it was lost."""
        promise = self.promises[token]
        asked = self.erasures.get(token, NOBODY).asked or self._subject(promise.owned).asked
        return bool(asked) or token in self.scattered

    def _erased_of(self, owned: OwnedValue) -> list[str]:
        return [token for token in self.tokens_of[owned] if self.maybe_closed(token)]

    def _subject(self, owned: OwnedValue) -> Erasures:
        return self.subjects.get(owned.subject or "", NOBODY)


FOUND = (0, 0)
"""In the place of a request and its item, for a token that a search told of first."""
DETERMINISTIC = ("known", "few")
EXPIRING = ("brief", "short")
SMALL = ("short", "few")
