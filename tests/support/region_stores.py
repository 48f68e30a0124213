"""What a simulated Region stands on: its tables, the stores over them, and what is deployed there."""

from dataclasses import dataclass, field

from chalicelib.audit.events import AuditEvent, AuditTrail, Checkpoint
from chalicelib.auth.policy import Policy
from chalicelib.vault.approvals import ApprovalStore
from chalicelib.vault.budgets import BudgetStore, Spending
from chalicelib.vault.requests import RequestStore
from chalicelib.vault.walks import Walk
from tests.support.memory_approvals import MemoryApprovals
from tests.support.memory_budgets import MemoryBudgets
from tests.support.memory_keys import MemoryKeys
from tests.support.memory_store import MemoryStore
from tests.support.memory_subjects import MemorySubjects
from tests.support.replication import Replica


class Unlimited:
    """A `BudgetStore` that nobody asks, since the caller has no budget."""

    def spend(self, spending: Spending) -> bool:
        raise AssertionError("a client without a budget costs nothing")


@dataclass
class Events:
    """An `AuditTrail` that keeps what it is given."""

    recorded: list[AuditEvent | Checkpoint] = field(default_factory=list)

    def record(self, event: AuditEvent | Checkpoint) -> None:
        self.recorded.append(event)


@dataclass(frozen=True)
class OnePage:
    """A `WalkStore` with a walk that has come to a page."""

    walk: Walk

    def find(self, tenant: str, part: int | None = None) -> Walk:
        return self.walk

    def parts(self, tenant: str) -> list[Walk]:
        return []

    def save(self, walk: Walk, before: Walk | None) -> bool:
        raise AssertionError("who seals records again takes no step of a walk")


@dataclass(frozen=True)
class Tables:
    """The replicated tables, as one Region sees them."""

    vault: Replica
    subjects: Replica
    keys: Replica


@dataclass(frozen=True)
class Stores:
    """The stores of one Region, over its tables."""

    vault: MemoryStore
    subjects: MemorySubjects
    keys: MemoryKeys
    requests: RequestStore
    audit: AuditTrail
    approvals: ApprovalStore = field(default_factory=MemoryApprovals)
    spent: BudgetStore = field(default_factory=MemoryBudgets)


@dataclass(frozen=True)
class Deployed:
    """What every Region is given: the policy, the eraser's if it is another, how many Regions there are, and
    how long containers hold keys."""

    policy: Policy
    erasing: Policy
    regions: int
    key_cache_seconds: float = 1e9
