"""A walk that has all records of a tenant sealed again, page by page, as `tokenvault keys rewrap` does."""

from collections.abc import Mapping
from typing import Any

from benchmarks.rotation.stored import TENANT
from chalicelib import key_wiring, wiring
from chalicelib.service import key_events
from chalicelib.telemetry import Telemetry


class Walking:
    """A container of each of the two functions, with the clients that they have in production."""

    def __init__(self, functions: Mapping[str, Mapping[str, str]]) -> None:
        """`functions` has what each is deployed with, by name."""
        self._telemetry = Telemetry("benchmark")
        self._walker = key_wiring.build_walker(functions["maintain"], wiring.aws_client)
        self._rewrapper = key_wiring.build_rewrapper(functions["reveal"], wiring.aws_client, self._telemetry)
        self._walk = self._maintain(moves=True)

    @property
    def is_done(self) -> bool:
        """Whether all records were walked over."""
        return bool(self._walk["done"])

    def page(self) -> dict[str, int]:
        """A step of the walk, and what became of the records of its page."""
        self._walk = self._maintain(revision=self._walk["revision"])
        if not self._walk["waiting"]:
            return {}
        return key_wiring.rewrap(self._rewrapper, self._telemetry, TENANT, "request")

    def _maintain(self, **fields: Any) -> dict[str, Any]:
        return key_events.answer(self._walker, {"walk": {"tenant": TENANT, **fields}})
