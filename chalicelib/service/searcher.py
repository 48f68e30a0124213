"""The use case of searching: the token of a known value, where it has one."""

from collections.abc import Sequence

from chalicelib.auth.permissions import require_action
from chalicelib.auth.policy import Policy
from chalicelib.cache import Clock
from chalicelib.errors import InvalidValue
from chalicelib.model import Caller
from chalicelib.service.accepting import Accepted, ValueItem, accept
from chalicelib.service.attempts import Result, attempt
from chalicelib.service.deriving import DerivedDraft, DerivedTokens, Deriver


class Searcher:
    """Finds tokens by value, for deterministic types only. Creates nothing."""

    def __init__(self, *, policy: Policy, deriver: Deriver, derived: DerivedTokens, clock: Clock) -> None:
        self._policy, self._deriver, self._derived, self._clock = policy, deriver, derived, clock

    def search(self, caller: Caller, items: Sequence[ValueItem]) -> list[Result]:
        """The token of each value, or the error of that item, in order.

        Raises `NotPermitted`, `KeyUnavailable` or `StoreUnavailable`.
        """
        require_action(caller, "search")
        accepted = [attempt(lambda item=item: self._accept(caller, item)) for item in items]  # type: ignore[misc]
        wanted = {i: one for i, one in enumerate(accepted) if isinstance(one, Accepted)}
        derived = self._deriver.derive(caller.tenant, list(wanted.values()))
        drafts = [DerivedDraft(o.record, o.space, d) for o, d in zip(wanted.values(), derived, strict=True)]
        found = dict(zip(wanted, self._derived.find(drafts), strict=True))
        return [found[i] if isinstance(one, Accepted) else one for i, one in enumerate(accepted)]

    def _accept(self, caller: Caller, item: ValueItem) -> Accepted:
        one = accept(caller, self._policy, item, int(self._clock()))
        if one.type.mode != "deterministic":
            raise InvalidValue("type: only values of a deterministic type can be searched for")
        return one
