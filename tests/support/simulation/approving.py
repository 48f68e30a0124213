"""People who ask for approvals, decide on them and use them, each in the Region where it was asked for.

What an approval promises: a reveal of exactly what was asked for, once, after a second person's yes, in time,
and in its own Region.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.audit.events import AuditEvent
from chalicelib.errors import (
    ApprovalNotFound,
    ApprovalNotUsable,
    ApprovalRequired,
    KeyUnavailable,
    SecretNotArrived,
    StoreUnavailable,
    TokenvaultError,
)
from chalicelib.service.approvals import ShownApproval
from chalicelib.service.revealer import Revealed
from chalicelib.vault.requests import CLOCKS_SECONDS
from tests.support.region_approvals import VALID_SECONDS
from tests.support.regions import Region
from tests.support.simulation.cloud import Cloud, Place
from tests.support.simulation.ledger import Ledger
from tests.support.simulation.promises import Broken, hold

T = TypeVar("T")


@dataclass
class Approval:
    """What is known of an approval. What was tried may have been done, also where no answer came."""

    region: int
    tokens: tuple[str, ...]
    asked: float
    deciding: int = 0
    using: int = 0
    """How often each was tried, but for what surely changed nothing."""
    approves: bool | None = None
    """The decision that was answered, if any was."""
    yes: bool = False
    """Whether anybody tried to approve it."""
    used: bool = False


class Approving:
    """Two people's requests, whose methods without an underscore are steps of a history."""

    def __init__(self, cloud: Cloud, ledger: Ledger, dice: random.Random) -> None:
        self._cloud, self._ledger, self._dice = cloud, ledger, dice
        self.operations = 0
        self.approvals: dict[str, Approval] = {}

    def ask_approval(self) -> None:
        """For one or two tokens, if they are there."""
        if not self._ledger.promises:
            return
        place = self._cloud.place()
        tokens = tuple(self._dice.choices(list(self._ledger.promises)[-8:], k=self._dice.randint(1, 2)))
        answer = self._sent(place, lambda region: region.approving.ask(tokens))
        if isinstance(answer, ShownApproval):
            asked = Approval(place.number, tokens, self._cloud.now)
            self.approvals[answer.request.approval_id] = asked
            self._decide(answer.request.approval_id, asked)

    def decide(self) -> None:
        """Often on one that was decided on before, or in another Region."""
        if self.approvals:
            self._decide(*self._dice.choice(list(self.approvals.items())[-4:]))

    def reveal_approved(self) -> None:
        """Often with one that was used before, or in another Region."""
        if self.approvals:
            self._reveal(*self._dice.choice(list(self.approvals.items())[-4:]))

    def reveal_unapproved(self) -> None:
        """Never shown, not even once."""
        if self._ledger.promises:
            token = self._dice.choice(list(self._ledger.promises))
            answer = self._sent(self._cloud.place(), lambda region: region.approving.reveal([token], None))
            shown = isinstance(answer, list) and any(isinstance(each, Revealed) for each in answer)
            hold(not shown, f"{token} is shown without approval")

    def check(self) -> None:
        """No approval is used twice, by what is on record. Raises `Broken`."""
        used = Counter(
            event.approval
            for place in [*self._cloud.places, *self._cloud.lost]
            for event in place.recorded
            if isinstance(event, AuditEvent) and event.approval
            for _ in {outcome.outcome for outcome in event.outcomes} & {"revealed"}
        )
        hold(set(used.values()) <= {1}, f"approvals are used twice: {used}")
        for approval, asked in self.approvals.items():
            hold(not asked.used or used[approval] == 1, f"a reveal with {approval} is off record")

    def _decide(self, approval: str, asked: Approval) -> None:
        place, approves = self._place(asked), self._dice.random() < 0.8
        here = place.number == asked.region
        asked.deciding, asked.yes = asked.deciding + here, asked.yes or (here and approves)
        answer = self._sent(place, lambda region: region.approving.decide(approval, approves))
        if isinstance(answer, ShownApproval):
            hold(here, "an approval is decided on in another Region")
            hold(asked.approves in (None, approves), "a decision that stands is changed")
            asked.approves = approves
        elif isinstance(answer, ApprovalNotFound):
            hold(not here, "an approval is lost")
        elif answer is not None:
            may_be = asked.deciding > 1 or self._may_be_late(asked)
            hold(isinstance(answer, ApprovalNotUsable) and may_be, f"a decision is refused: {answer}")

    def _reveal(self, approval: str, asked: Approval) -> None:
        place = self._place(asked)
        since, approved = self._ledger.began(self._cloud.now), asked.approves is True
        asked.using += 1
        answer = self._sent(place, lambda region: region.approving.reveal(asked.tokens, approval))
        if isinstance(answer, list) and any(isinstance(each, Revealed) for each in answer):
            self._shown(place, asked)
        elif answer is not None:
            asked.using -= 1
        if isinstance(answer, list):
            for token, result in zip(asked.tokens, answer, strict=True):
                self._ledger.check(place.number, token, result, since)
        elif isinstance(answer, ApprovalNotUsable):
            may_be = self._refusal(place, asked, answer.reason, approved)
            hold(may_be, f"a reveal is refused: {answer.reason}")

    def _shown(self, place: Place, asked: Approval) -> None:
        hold(place.number == asked.region, "an approval is used in another Region")
        hold(asked.yes, "values are shown that nobody approved")
        hold(not asked.used, "an approval is used twice")
        late = self._cloud.now >= asked.asked + VALID_SECONDS + CLOCKS_SECONDS
        hold(not late, "an approval is used after its time")
        asked.used = True

    def _refusal(self, place: Place, asked: Approval, reason: str, approved: bool) -> bool:
        """Whether a reveal may be refused for this reason, if it was `approved` before or not."""
        match reason.removeprefix("approval_"):
            case "unknown":
                return place.number != asked.region
            case "undecided":
                return not approved
            case "refused":
                return bool(asked.deciding) and asked.approves is not True
            case "used":
                return asked.using > 0
            case "late":
                return self._may_be_late(asked)
        return False

    def _may_be_late(self, asked: Approval) -> bool:
        return self._cloud.now >= asked.asked + VALID_SECONDS - 2 * CLOCKS_SECONDS

    def _place(self, asked: Approval) -> Place:
        """Mostly that of the approval, while it is there."""
        own = self._cloud.place_of(asked.region)
        return own if own is not None and self._dice.random() < 0.8 else self._cloud.place()

    def _sent(self, place: Place, work: Callable[[Region], T]) -> T | TokenvaultError | None:
        """What came of it: an error that is an answer, or None if nothing is known."""
        self.operations += 1

        def answered(region: Region) -> T | TokenvaultError:
            try:
                return work(region)
            except (StoreUnavailable, KeyUnavailable, SecretNotArrived):
                raise
            except TokenvaultError as error:
                return error

        answer = self._cloud.send(place, answered)
        if isinstance(answer, ApprovalRequired):
            raise Broken("an approval is asked for, and there is one")
        return None if isinstance(answer, SecretNotArrived) else answer
