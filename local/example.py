"""The example shop beside the API on this machine: `make example`."""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from local import commands, processes
from local.dev.stack import DevStack
from local.errors import StepError
from local.facts import Facts
from local.output import say
from local.paths import ROOT, StackPaths

FOLDER: Final = ROOT / "examples" / "shop"
POLICY: Final = FOLDER / "policy.toml"
ORIGIN: Final = "http://localhost:3000"
"""As the policy has it: Cognito compares where people come back to whole."""

OPEN_SECONDS: Final = 20
_COMMAND: Final = [sys.executable, "-u", str(FOLDER / "server.py")]


def example(places: StackPaths, chosen: argparse.Namespace) -> int:
    """Opens the shop at the stack that is up, or starts one for it. Raises `StepError`."""
    living = commands.living_stack(places)
    if living is not None:
        return _beside(living)
    stack = ShopStack(places, say, POLICY, ORIGIN)
    return commands.serve(places, stack, lambda: say(addresses(ORIGIN)))


def addresses(origin: str) -> str:
    """What to open, for whoever started it."""
    return (
        f"\ncheckout:     {origin}   (4111 1111 1111 1111 will do)\n"
        f"back office:  {origin}/office   (sign in as shop-manager or shop-support)"
    )


class ShopStack(DevStack):
    """The API under a shop's policy, and the shop, which ends with it."""

    def __init__(
        self, places: StackPaths, say: Callable[[str], None], policy_file: Path, origin: str
    ) -> None:
        super().__init__(places, say, policy_file, [origin])
        self._origin = origin
        self._shop: subprocess.Popen[bytes] | None = None

    @property
    def shop_log(self) -> Path:
        """What the shop said of its requests, and of what went wrong."""
        return self.places.logs / "shop.log"

    def start(self) -> None:
        """The stack, then the shop. Raises `StepError`."""
        super().start()
        people = self.outputs["people"]["clients"]
        environment = variables(self.clients, people, self.places.url, self.token_url, self._origin)
        with self.shop_log.open("wb") as log:
            self._shop = subprocess.Popen(
                _COMMAND, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        processes.wait_until(lambda: self._shop_is("open") or not self._shop_runs(), OPEN_SECONDS)
        if not self._shop_runs():
            raise StepError(f"The shop did not open. What it said:\n{self.shop_log.read_text()}")

    def stop(self) -> None:
        """The shop, then the stack."""
        if self._shop is not None:
            self._shop.terminate()
            self._shop.wait()
        super().stop()

    def _shop_is(self, word: str) -> bool:
        return f"the shop is {word}" in self.shop_log.read_text()

    def _shop_runs(self) -> bool:
        return self._shop is not None and self._shop.poll() is None


def variables(
    clients: Sequence[Mapping[str, Any]],
    people: Sequence[Mapping[str, Any]],
    url: str,
    token_url: str,
    origin: str,
) -> dict[str, str]:
    """What the shop is told. Raises `StepError` where the stack's policy is not the shop's."""
    checkout = next((client for client in clients if "vault/capture" in client["scopes"]), None)
    office = next((client for client in people if f"{origin}/office" in client["callback_urls"]), None)
    if checkout is None or office is None:
        raise StepError(
            "The stack that is up is not for the shop. `make down` takes it down, and `make example` starts "
            f"one with {POLICY.relative_to(ROOT)}."
        )
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT / "clients" / "python" / "src"),
        "SHOP_ORIGIN": origin,
        "SHOP_PEOPLE_TOKEN_URL": token_url,
        "SHOP_PEOPLE_CLIENT_ID": office["client_id"],
        "TOKENVAULT_URL": url,
        "TOKENVAULT_TOKEN_URL": token_url,
        "TOKENVAULT_CLIENT_ID": checkout["client_id"],
        "TOKENVAULT_CLIENT_SECRET": checkout["client_secret"],
        "TOKENVAULT_API_KEY": checkout["api_key"],
    }


def _beside(living: Facts) -> int:
    """The shop in the foreground, at a stack that goes on without it."""
    clients = [client for client in living.clients if "client_secret" in client]
    people = [client for client in living.clients if "client_secret" not in client]
    token_url = living.environment["TOKENVAULT_TOKEN_URL"]
    environment = variables(clients, people, living.url, token_url, ORIGIN)
    say(addresses(ORIGIN))
    try:
        return subprocess.run(_COMMAND, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 0
