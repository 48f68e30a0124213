"""Canaries: tokens of the policy that nobody has a reason to ask for."""

from collections.abc import Callable, Mapping, Sequence, Set


class Canaries:
    """Finds the canaries that a request asks for, and raises the alarm."""

    def __init__(self, of_tenants: Mapping[str, Set[str]], alarm: Callable[[int], None]) -> None:
        """`alarm` is given the number of canaries that a request asks for."""
        self._of_tenants, self._alarm = of_tenants, alarm

    def asked_for(self, tenant: str, tokens: Sequence[str]) -> tuple[str, ...]:
        """The canaries among the tokens, which raise the alarm.

        They stand in the request's own event, so that the answer takes no longer for them; nothing in the
        answer tells a canary from any other token. A refused request for a canary is reported too.
        """
        canaries = tuple(token for token in tokens if token in self._of_tenants[tenant])
        if canaries:
            self._alarm(len(canaries))
        return canaries
