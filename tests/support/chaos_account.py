"""An account whose containers meet faults around any call, die, and write late.

Nothing of the product is replaced: faults are injected around the calls of clients.
"""

import random
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import wiring
from tests.support.faults import client_error
from tests.support.world import REGION, Answer, MakeCall, World

CONTAINERS = 3
FUNCTIONS = ("tokenize", "reveal")


class Died(BaseException):
    """The process of a container ends. Not an `Exception`: nothing in the process gets to handle it."""


@dataclass
class Fate:
    """What happens to the calls of a container: how often, and by which die."""

    dice: random.Random
    rate: float = 0.0
    late: list[Callable[[], Any]] = field(default_factory=list)

    def strikes(self) -> str | None:
        """What happens to the next call, if anything does."""
        if self.dice.random() >= self.rate:
            return None
        return self.dice.choice(["refused", "answer lost", "late", "dies before", "dies after"])


class Chaos(World):
    """An account with several containers a function, in which any call may go wrong."""

    def __init__(self, written: dict[str, Any], dice: random.Random) -> None:
        self.fate = Fate(dice)
        self.pools: dict[str, list[Any]] = {}
        self._clients: dict[tuple[str, str], Any] = {}
        super().__init__(written)
        self.pools = {name: [self.container(name) for _ in range(CONTAINERS)] for name in FUNCTIONS}

    def client(self, service: str, region: str = REGION) -> Any:
        """One client for all containers: making one takes longer than a call does."""
        if (service, region) not in self._clients:
            self._clients[service, region] = super().client(service, region)
        return self._clients[service, region]

    def container(self, function: str) -> Any:
        """A new container of a function."""
        return wiring.build(self.env(function), self.client, self.telemetry)

    def send(self, function: str, work: Callable[[], Answer]) -> Answer | None:
        """Has one of the containers do this; None if it died, and then there is a new one."""
        number = self.fate.dice.randrange(CONTAINERS)
        self.services[function] = self.pools[function][number]
        self.fate.rate = self.fate.dice.choice([0.0, 0.05, 0.25])
        try:
            return work()
        except Died:
            self.fate.rate = 0.0
            self.pools[function][number] = self.container(function)
            return None
        finally:
            self.fate.rate = 0.0

    def deliver_late_writes(self) -> None:
        """What was on its way arrives."""
        late, self.fate.late = self.fate.late, []
        for write in late:
            write()

    def _call(self, name: str, given: dict[str, Any], make_call: MakeCall) -> Any:
        strike, operation = self.fate.strikes(), name.partition(".")[2]
        if strike == "refused":
            raise client_error("InternalServerError", 500)
        if strike == "dies before":
            raise Died
        if strike == "late" and operation in ("PutItem", "BatchWriteItem"):
            self.fate.late.append(lambda: self._carry_out(operation, given))
            raise client_error("RequestTimeout", 503)
        with suppress(ClientError) if strike in ("answer lost", "dies after") else nullcontext():
            answer = super()._call(name, given, make_call)
        if strike == "answer lost":
            raise client_error("RequestTimeout", 503)
        if strike == "dies after":
            raise Died
        return answer

    def _carry_out(self, operation: str, given: dict[str, Any]) -> None:
        try:
            if operation == "PutItem":
                self.dynamodb.put_item(**given)
            else:
                self.dynamodb.batch_write_item(**given)
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            pass  # As AWS would: the place was taken meanwhile.
