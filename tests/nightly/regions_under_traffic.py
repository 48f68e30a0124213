"""Two Regions on somebody else's components, under traffic: packaged functions, replicated tables and keys.

MiniStack runs the functions from the package in processes of their own and has global tables and multi-Region
keys. It replicates at once, so what may cross between Regions is for `make simulation`; here is what no table
in memory has: the real clients, roles' environments, KMS contexts and ciphertexts of either Region.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from tokenvault_client.cli.key_walks import Walks

from chalicelib.crypto.description import parse_description
from chalicelib.crypto.record_cipher import DESCRIPTION
from chalicelib.vault.tokens import TokenKey
from local.endpoint.ministack import STATE, MiniStack
from local.processes import free_port
from tests.support.serving_regions import ServingRegion, serving
from tests.support.traffic import Traffic

CALLERS = 8
ROTATIONS = 3
TENANT = "shop"
WAIT_SECONDS = 300
Regions = list[ServingRegion]


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regions]:
    """Applied once; MiniStack and all in it go with it."""
    ministack = MiniStack(STATE, free_port())
    try:
        ministack.start()
        with serving(tmp_path_factory.mktemp("regions"), ministack.endpoint, print) as made:
            yield made
    finally:
        ministack.stop()


@dataclass
class Operator:
    """Rotates the key of a tenant from one Region, as `tokenvault keys` does."""

    region: ServingRegion
    moved: int = 0

    def maintain(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Sends an event to the maintenance function."""
        return self._asked("maintain", event)

    def reveal(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Sends one to the revealing function."""
        return self._asked("reveal", event)

    def rewrap(self) -> None:
        """Has all records sealed again under the newest version."""
        walks = Walks(self, TENANT, 1_000_000, print)
        walks.run(moves=True)
        assert walks.moved["corrupt"] == walks.moved["waiting"] == 0, walks.moved
        self.moved += walks.moved["moved"]

    def _asked(self, function: str, event: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self.region.functions[function].invoke(event)
        assert "error" not in answer, answer
        return answer


def test_keys_rotate_under_traffic_in_both_regions(regions: Regions) -> None:
    """No request fails and no value is wrong: taken in here and there, shown in both, erased in the other."""
    here, there = regions
    operator = Operator(here)
    with Traffic(regions, CALLERS) as traffic:
        for _ in range(ROTATIONS):
            traffic.until("tokenize", 20, WAIT_SECONDS)
            [made] = operator.maintain({"rotate": TENANT})["made"]
            traffic.until("tokenize", 20, WAIT_SECONDS)
            assert made not in dict(named(here)).values(), "a version is written with that is not ready"
            ready = [each.functions["maintain"].invoke({})["ready"] for each in (there, here)]
            assert made in [*ready[0], *ready[1]]
            traffic.until("tokenize", 20, WAIT_SECONDS)
            operator.rewrap()
        traffic.until("erase", 5, WAIT_SECONDS)
        traffic.until("erase a subject", 1, WAIT_SECONDS)
    traffic.require_none_wrong()
    assert operator.moved > ROTATIONS * CALLERS
    operator.rewrap()
    left = [token for token, version in named(here) if version != made]
    assert all(traffic.ledger.made[token].asked for token in left), "a record was not moved"
    traffic.check_all()
    print(f"{dict(traffic.ledger.done)}, {len(traffic.ledger.made)} tokens, {operator.moved} moved")


def named(region: ServingRegion) -> list[tuple[str, str]]:
    """The tokens of the tenant, and the version of its key that each one's record names."""
    keyed = [(TokenKey.at(item["pk"]["S"]), item) for item in region.items("vault") if DESCRIPTION in item]
    return [
        (key.token, parse_description(bytes(item[DESCRIPTION]["B"]))[0])
        for key, item in keyed
        if key.tenant == TENANT
    ]
