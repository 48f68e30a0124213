"""Pages that hand values in by capture sessions, in whichever Region they reach (ADR 18).

What a session promises: each Region takes it once, or its number of values, and asks nobody. The values of a
session have a subject of their own, so that their records can be counted in the end.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count

from chalicelib.caller import CaptureSession
from chalicelib.errors import CaptureSessionUsed, SecretNotArrived
from chalicelib.service.capturer import MAX_LATE, Captured, CaptureResult
from chalicelib.vault.token_items import SUBJECT, subject_partition
from tests.support.regions import TENANT, Region
from tests.support.simulation.cloud import Cloud, Place
from tests.support.simulation.ledger import Ledger
from tests.support.simulation.plans import DIGIT_VALUES
from tests.support.simulation.promises import Asked, hold

TYPES = ("brief", "short", "text")
SESSION_SECONDS = 600
Body = tuple[tuple[str, str], ...]
"""Types and values of a request."""


@dataclass
class Use:
    """What became of a session in one Region: the bodies that were sent there, and the values taken in."""

    asked: dict[Body, Asked] = field(default_factory=dict)
    sent: int = 0
    values: int = 0
    taken: int = 0


@dataclass
class Session:
    """A session, the two bodies that its pages send, and its use by Region."""

    session: CaptureSession
    bodies: tuple[Body, Body]
    uses: defaultdict[int, Use] = field(default_factory=lambda: defaultdict(Use))


class Capturing:
    """Pages, whose methods without an underscore are steps of a history."""

    def __init__(self, cloud: Cloud, ledger: Ledger, dice: random.Random, numbers: "count[int]") -> None:
        """`numbers` tell requests apart, those of other clients too."""
        self._cloud, self._ledger, self._dice, self._numbers = cloud, ledger, dice, numbers
        self.operations = 0
        self.sessions: list[Session] = []

    def capture(self) -> None:
        """By a new session."""
        session_id = f"{next(self._numbers):022}"
        session = CaptureSession(
            session_id=session_id,
            tenant=TENANT,
            client="app",
            types=TYPES,
            origin="https://shop.example",
            max_values=3,
            single_use=self._dice.random() < 0.6,
            subject=f"s{session_id}",
            expires=int(self._cloud.now) + SESSION_SECONDS,
        )
        self.sessions.append(Session(session, (self._body(), self._body())))
        self._send(self.sessions[-1], self.sessions[-1].bodies[0])

    def capture_again(self) -> None:
        """The same or something else by a session that was used, there or in another Region."""
        recent = [each for each in self.sessions[-4:] if self._cloud.now < each.session.expires]
        if recent:
            chosen = self._dice.choice(recent)
            self._send(chosen, self._dice.choice(chosen.bodies))

    def check(self) -> None:
        """No session has more records than each Region may have taken in. Raises `Broken`."""
        for each in self.sessions:
            owned = {"S": subject_partition(TENANT, str(each.session.subject))}
            items = [pair for place in self._cloud.places for pair in place.tables.vault.items()]
            records = {place for place, item in items if item.get(SUBJECT) == owned}
            most = len(each.uses) * each.session.max_values
            hold(len(records) <= most, f"a capture session took in too much: {records}")

    def _body(self) -> Body:
        drawn = range(self._dice.randint(1, 2))
        return tuple((self._dice.choice(TYPES), self._dice.choice(DIGIT_VALUES)) for _ in drawn)

    def _send(self, session: Session, body: Body) -> None:
        place = self._cloud.place()
        use = session.uses[place.number]
        asked = self._request(session, place, body)
        if session.session.single_use:
            asked = use.asked.setdefault(body, asked)
        use.sent, use.values = use.sent + 1, use.values + len(body)
        self.operations += 1
        self._ledger.sends(asked)
        since = self._ledger.began(self._cloud.now)
        answer = self._cloud.send(place, lambda region: _answer(region, session.session, body))
        if isinstance(answer, list):
            self._taken(session, use, body)
            results = [each.facts if isinstance(each, Captured) else each for each in answer]
            self._ledger.take(asked, since, results)
        elif answer is not None and not isinstance(answer, SecretNotArrived):
            hold(self._is_used(session, use), f"a capture is refused: {answer}")

    def _request(self, session: Session, place: Place, body: Body) -> Asked:
        items = [
            {"type": kind, "value": value, "subject": str(session.session.subject)} for kind, value in body
        ]
        key = session.session.session_id if session.session.single_use else ""
        return Asked(next(self._numbers), place.number, items, key, self._cloud.now)

    def _taken(self, session: Session, use: Use, body: Body) -> None:
        if not session.session.single_use:
            use.taken += len(body)
            hold(use.taken <= session.session.max_values, "a capture session took in more than it may")
            return
        hold(use.taken in (0, 1 + session.bodies.index(body)), "a capture session took in two requests")
        use.taken = 1 + session.bodies.index(body)

    def _is_used(self, session: Session, use: Use) -> bool:
        """Whether a Region may say that a session is used up there."""
        if session.session.single_use:
            return len(use.asked) > 1 or use.sent > MAX_LATE
        return use.values > session.session.max_values


def _answer(region: Region, session: CaptureSession, body: Body) -> list[CaptureResult] | CaptureSessionUsed:
    try:
        return region.capture(session, body)
    except CaptureSessionUsed as error:
        return error
