"""An operator who rotates a tenant's key to the end, by the events of the functions."""

from collections import Counter
from typing import Any

from chalicelib import key_wiring, wiring
from chalicelib.service import key_events
from tests.support.world import World


class Operator:
    """Asks containers of the maintaining and the revealing function of an account, about one tenant's key."""

    def __init__(self, account: World, tenant: str = "shop") -> None:
        self.account, self.tenant = account, tenant
        self.restart()

    def restart(self) -> None:
        """New containers: nothing cached."""
        account = self.account
        self._walker = key_wiring.build_walker(account.env("maintain"), account.client)
        self._rewrapper = key_wiring.build_rewrapper(account.env("reveal"), account.client, account.telemetry)

    def rotate(self) -> str:
        """Makes another version, and has new containers write with it. Returns its id."""
        account = self.account
        run = wiring.maintain(account.env("maintain"), account.client, account.telemetry, self.tenant)
        account.restart()
        [made] = run.keys_ready
        return made

    def settle(self) -> None:
        """Lets the time pass in which somebody may still write with a superseded version."""
        for item in self.account.items("keys"):
            if item["sk"]["S"].startswith("ready#"):
                self.account.store(item | {"at": {"N": "1"}}, "keys")

    def ask(self, name: str, **fields: Any) -> dict[str, Any]:
        """Sends an event of this name to the maintenance function."""
        return self.send({name: {"tenant": self.tenant, **fields}})

    def send(self, event: dict[str, Any]) -> dict[str, Any]:
        """Sends any event to the maintenance function."""
        return key_events.answer(self._walker, event)

    def rewrap_page(self, part: int | None = None) -> dict[str, int]:
        """Has the revealing function seal the page again: of the whole table's walk, or of one segment's."""
        return key_wiring.rewrap(self._rewrapper, self.account.telemetry, self.tenant, "request", part)

    def until_page(self) -> None:
        """Begins a walk that moves records, and goes on until some wait to be sealed again."""
        walk = self.ask("walk", moves=True)
        while not walk["waiting"]:
            assert not walk["done"]
            walk = self.ask("walk", revision=walk["revision"])

    def walk(self, *, moves: bool, limit: int = 1000, part: int | None = None) -> dict[str, int]:
        """A walk to its end, or the rest of one; what became of the records that it moved."""
        walk, moved = self.ask("walk", moves=moves, part=part), Counter[str]()
        while True:
            if walk["waiting"]:
                moved.update(self.rewrap_page(part))
            if walk["done"]:
                return dict(moved)
            walk = self.ask("walk", revision=walk["revision"], limit=limit, part=part)

    def named(self) -> dict[str, int]:
        """How many records name each version, by a walk of its own."""
        self.walk(moves=False)
        return {version["key_id"]: version["records"] for version in self.versions()}

    def versions(self) -> list[dict[str, Any]]:
        """What the maintenance function says of the versions, the oldest first."""
        return list(self.ask("versions")["versions"])
