"""Each step of the maintenance is done, whatever becomes of the others, and every run is reported."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, cast

import pytest

from chalicelib.errors import ConfigurationError, StoreUnavailable
from chalicelib.maintenance_run import MaintenanceRun
from chalicelib.service.cleaner import Cleaned
from chalicelib.service.key_provisioner import ProvisionedKeys
from chalicelib.service.maintenance import Maintenance
from chalicelib.service.short_lived import Destroyed

NOW = 1000
STEPS = ("destroy", "checkpoint", "keys", "expire", "clean")


@dataclass
class Steps:
    """All the steps of a maintenance in one: notes what is asked, and fails in those that are named."""

    failing: Sequence[str] = ()
    known: Sequence[str] = ("shop", "former")
    cleaned: Cleaned = field(default_factory=lambda: Cleaned(5, NOW - 60))
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def known_tenants(self) -> list[str]:
        if "known" in self.failing:
            raise StoreUnavailable("known")
        return list(self.known)

    def check(self, tenants: Sequence[str]) -> int:
        self._step("checkpoint", tenants)
        return 1

    def destroy(self, tenants: Sequence[str]) -> Destroyed:
        self.asked.append(("destroy", tenants))
        return Destroyed(2, 30, (StoreUnavailable("destroy"),) if "destroy" in self.failing else ())

    def provision(self, tenants: Sequence[str], rotate: str | None) -> ProvisionedKeys:
        self.asked.append(("keys", (tenants, rotate)))
        errors = (StoreUnavailable("keys"),) if "keys" in self.failing else ()
        return ProvisionedKeys(("1",), ("2", "3"), errors)

    def expire(self, seconds: float) -> int:
        self._step("expire", seconds)
        return 4

    def clean(self, seconds: float) -> Cleaned:
        self._step("clean", seconds)
        return self.cleaned

    def _step(self, name: str, asked: Any) -> None:
        self.asked.append((name, asked))
        if name in self.failing:
            raise StoreUnavailable(name)


def maintenance(steps: Steps, report: Callable[[MaintenanceRun], None] = lambda run: None) -> Maintenance:
    it = cast(Any, steps)
    return Maintenance(
        tenants=["shop", "clinic"],
        keys=it,
        checkpointer=it,
        destroyer=it,
        provisioner=it,
        expirer=it,
        cleaner=it,
        report=report,
        clock=lambda: NOW + 0.5,
    )


def details(run: MaintenanceRun) -> list[str]:
    return [error.detail for error in run.errors]


def test_a_run_does_every_step_once_and_says_what_it_did() -> None:
    """Secrets to destroy come first; they and checkpoints are those of former tenants, too."""
    steps, reported = Steps(), list[MaintenanceRun]()
    run = maintenance(steps, reported.append).run(30, "shop")
    assert steps.asked == [
        ("destroy", ["clinic", "former", "shop"]),
        ("checkpoint", ["clinic", "former", "shop"]),
        ("keys", (["shop", "clinic"], "shop")),
        ("expire", 30),
        ("clean", 30),
    ]
    assert run == MaintenanceRun(("1",), ("2", "3"), 4, 5, 60, 2, 30, ())
    assert reported == [run]


@pytest.mark.parametrize("failing", [c for n in range(1, 6) for c in combinations(STEPS, n)], ids=" ".join)
def test_no_step_waits_for_another(failing: tuple[str, ...]) -> None:
    """Whichever fail, all are tried and all errors reported, before the first of them is raised."""
    steps, reported = Steps(failing), list[MaintenanceRun]()
    with pytest.raises(StoreUnavailable) as raised:
        maintenance(steps, reported.append).run(30)
    assert [name for name, _ in steps.asked] == list(STEPS)
    [run] = reported
    assert details(run) == list(failing)
    assert raised.value is run.errors[0]
    assert run.records_expired == (0 if "expire" in failing else 4)
    assert (run.records_cleaned, run.pending_erasure_seconds) == ((0, 0) if "clean" in failing else (5, 60))
    assert (run.secrets_destroyed, run.overdue_seconds) == (2, 30), "of the tenants that did not fail"
    assert run.keys_made == ("1",)


def test_the_policys_tenants_are_noted_even_if_the_former_are_not_known() -> None:
    """A store that does not answer for the list does not keep the checkpoint from being made."""
    steps = Steps(("known",))
    maintenance(steps).run(30)
    assert ("checkpoint", ["clinic", "shop"]) in steps.asked


def test_only_a_tenant_of_the_policy_is_rotated() -> None:
    """A typing error makes no keys for nobody; nothing at all is done, and the name is not repeated."""
    steps, reported = Steps(), list[MaintenanceRun]()
    with pytest.raises(ConfigurationError) as raised:
        maintenance(steps, reported.append).run(30, "former")
    assert (steps.asked, reported) == ([], [])
    assert "former" not in str(raised.value)


@pytest.mark.parametrize(("since", "age"), [(None, 0), (NOW, 0), (NOW - 1, 1), (NOW + 60, 0)])
def test_the_age_of_the_oldest_erasure_is_never_negative(since: int | None, age: int) -> None:
    """A note from another Region may be from the near future."""
    assert maintenance(Steps(cleaned=Cleaned(0, since))).run(30).pending_erasure_seconds == age
