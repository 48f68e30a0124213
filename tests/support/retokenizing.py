"""An operator who moves the tokens of a type to another PRF key, by the events of the functions."""

import json
from copy import deepcopy
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib import retokenize_wiring, wiring
from chalicelib.service import retokenize_events
from tests.support import policies
from tests.support.export_reader import read
from tests.support.exports import RECIPIENT, pem, receipt_key
from tests.support.world import World

RUN = "0123456789abcdef" * 2


def naming(types: dict[str, dict[str, Any]] | None = None, /, **numbers: int) -> dict[str, Any]:
    """The policy in which types are derived with PRF keys of these numbers."""
    written = policies.document(deepcopy(policies.TYPES if types is None else types))
    for name, number in numbers.items():
        written["types"][name]["prf_key"] = number
    return written


def switch(account: World, written: dict[str, Any], *, provided: bool = True) -> None:
    """Applies a policy, and has maintenance run unless it is not to."""
    account.put_policy(written)
    if provided:
        account.maintain()
    account.restart()


class Retokenizing:
    """A run for one type, and its file as far as it has come."""

    def __init__(
        self, account: World, type_name: str = "text_known", tenant: str = "shop", run: str = RUN
    ) -> None:
        self.account, self.which = account, {"tenant": tenant, "type": type_name, "run": run}
        self.lines: list[str] = []
        self.opening, self.cursor = "", ""
        self.counts: list[dict[str, int]] = []
        self.restart()

    def restart(self) -> None:
        """New containers: nothing cached."""
        account = self.account
        self._walker = retokenize_wiring.build_token_walker(account.env("maintain"), account.client)
        self._retokenizer = wiring.build_retokenizer(account.env("reveal"), account.client, account.telemetry)

    def walk(self, **fields: Any) -> dict[str, Any]:
        """Sends an event to the maintenance function."""
        return retokenize_events.walk(self._walker, {"retokenize": {**self.which, **fields}})

    def send(self, **fields: Any) -> dict[str, Any]:
        """Sends an event to the revealing function."""
        event = {"retokenize": fields}
        return retokenize_wiring.retokenize(self._retokenizer, self.account.telemetry, event, "request")

    def begin(self, recipient: str | None = None, **walk: Any) -> "Retokenizing":
        """Begins the run and its walk."""
        self.ask(recipient)
        self.walk(**walk)
        return self

    def ask(self, recipient: str | None = None) -> None:
        """Has the revealing function begin the run."""
        begun = self.send(**self.which, recipient=pem() if recipient is None else recipient)
        self.opening, self.cursor = begun["opening"], begun["cursor"]
        self.lines = [json.dumps({"tokenvault_export": 1, "opening": self.opening})]

    def page(self) -> dict[str, Any]:
        """Asks for the page that was put down."""
        return self.send(opening=self.opening, cursor=self.cursor)

    def take(self, page: dict[str, Any]) -> None:
        """Puts a page behind the others."""
        last = {"last": True} if page["receipt"] else {}
        self.lines.append(json.dumps({"chunk": page["number"], "sealed": page["sealed"], **last}))
        self.cursor = page["cursor"]
        self.counts.append(page["page"])
        if page["receipt"]:
            self.lines.append(json.dumps({"receipt": page["receipt"]}))

    def step(self, limit: int = 1000) -> None:
        """The next page into the file."""
        self.walk(revision=len(self.counts), limit=limit)
        self.take(self.page())

    def finish(self, limit: int = 1000) -> list[dict[str, Any]]:
        """The rest of the file; all of its entries."""
        while self.cursor is not None:
            self.step(limit)
        return self.entries()

    def entries(self, private: ec.EllipticCurvePrivateKey = RECIPIENT) -> list[dict[str, Any]]:
        """What the file holds, by the second reader."""
        return read(self.lines, private, receipt_key(self.account), "retokenize")

    def total(self, name: str) -> int:
        """How many tokens of all pages something became of."""
        return sum(page[name] for page in self.counts)


def pairs(entries: list[dict[str, Any]]) -> dict[str, str]:
    """Old tokens with their new ones, of those that did not fail."""
    return {entry["token"]: entry["new_token"] for entry in entries if "error" not in entry}
