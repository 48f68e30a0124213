"""Audit trails made in memory by the code that makes them, under keys that stand for those of KMS."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from tokenvault_client.audit import KeyRefused, Report, verify

from chalicelib.audit.chain import begin_chain, canonical
from chalicelib.audit.events import AuditEvent, AuditOutcome, Checkpoint, Tail, timestamp
from chalicelib.audit.trail import ChainedTrail

Item = dict[str, Any]
VAULT_ID = "test-vault"
START = 1767225600.0
"""2026-01-01, midnight."""


class FakeKms:
    """Makes and unwraps keys, each for its encryption context only."""

    def __init__(self) -> None:
        self._made: dict[bytes, tuple[bytes, dict[str, str]]] = {}

    def make(self, context: dict[str, str]) -> tuple[bytes, bytes]:
        wrapped = b"wrapped-%d" % len(self._made)
        key = len(self._made).to_bytes(32, "big")
        self._made[wrapped] = key, context
        return key, wrapped

    def unwrap(self, wrapped: bytes, context: dict[str, str]) -> bytes:
        key, made_for = self._made.get(wrapped, (b"", {}))
        if made_for != context:
            raise KeyRefused
        return key


class MemoryTrail:
    """A table of events, and the containers that write to it. A second passes with each event."""

    def __init__(self) -> None:
        self.kms, self.now, self.items = FakeKms(), START, list[Item]()
        self._containers = 0

    def add(self, item: Item) -> None:
        """As an `AuditStore`; items are held as an export has them, with binary values in base64."""
        self.items.append(json.loads(canonical(item)))

    def container(self, function: str) -> ChainedTrail:
        """A new container of a function."""
        self._containers += 1
        drawn = self._containers.to_bytes(16, "big")
        return ChainedTrail(
            store=self,
            begin=lambda: begin_chain(VAULT_ID, function, "eu-central-1", self.kms.make, lambda _: drawn),
            clock=self._tick,
        )

    def reveals(self, count: int, container: ChainedTrail | None = None) -> ChainedTrail:
        """So many events of one container."""
        container = container or self.container("reveal")
        for number in range(count):
            outcome = AuditOutcome("revealed", f"text_{number}", "text")
            tenant = ("shop", "clinic")[number % 2]
            container.record(
                AuditEvent(tenant, "c", "detokenize", f"request-{number}", "refund", outcomes=(outcome,))
            )
        return container

    def checkpoint(self) -> None:
        """What the maintenance function writes every quarter of an hour, of everything up to now."""
        until, since = timestamp(self.now), timestamp(START)
        for item in self.items:
            if item["action"]["S"] == "checkpoint":
                since = item["until"]["S"]
        tails: dict[str, Tail] = {}
        for item in self.items:
            if since <= item["sk"]["S"]:
                tails[item["chain"]["S"]] = _tail(item)
        self.container("maintain").record(Checkpoint(since, until, tuple(tails.values())))

    def of(self, chain: int) -> list[Item]:
        """The events of a chain, by the number of its container, from 1 on."""
        name = chain.to_bytes(16, "big").hex()
        return [item for item in self.items if item["chain"]["S"] == name]

    def _tick(self) -> float:
        self.now += 1
        return self.now


def _tail(item: Item) -> Tail:
    return Tail(item["chain"]["S"], int(item["sequence"]["N"]), base64.b64decode(item["mac"]["B"]))


def check(trail: MemoryTrail, items: Any = None, **options: Any) -> Report:
    """What the verifier says of a trail, or of other items under its keys; `until` is its start."""
    given = trail.items if items is None else items
    options = {"until": datetime.fromtimestamp(START, UTC), **options}
    return verify(given, vault_id=VAULT_ID, unwrap=trail.kms.unwrap, **options)
