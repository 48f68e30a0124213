"""The stack without Terraform, up in seconds."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from local.background import Repeated, rate_seconds
from local.container import Function, Pool
from local.dev import policy, snapshot
from local.dev.cors import with_cors
from local.dev.restoring import RESTORED, restore
from local.errors import StepError
from local.merged_api import MergedApi
from local.stack import Stack, StackPaths

SERVICES: Final = (
    "apigateway",
    "apigateway_usage_plans",
    "cognito",
    "cognito_client_secrets",
    "cognito_keys",
    "dynamodb",
    "dynamodb_scans",
    "kms",
    "kms_key_pairs",
    "kms_multi_region",
)
"""The emulator's services that the API uses; the rest takes seconds to load."""


class DevStack(Stack):
    """Emulator, functions and gateway, with what the snapshot describes in the account.

    The same functions and checks as on the applied stack; nothing around the API (the archive, alarms, what
    `aws lambda` knows). `policy_file` is the default policy's replacement; pages of `origins` may read the
    answers.
    """

    def __init__(
        self,
        places: StackPaths,
        say: Callable[[str], None],
        policy_file: Path | None = None,
        origins: Sequence[str] = (),
    ) -> None:
        super().__init__(places, say)
        self._origins = origins
        self._snapshot = snapshot.read()
        vault_id = self._snapshot["outputs"]["vault_id"]
        self._policy = (
            policy.default(self._snapshot["policy"])
            if policy_file is None
            else policy.load(policy_file, vault_id)
        )

    def start(self) -> None:
        """Everything, in order."""
        self._check_ports()
        self._start_emulator("--services", ",".join(SERVICES), meanwhile=self._load)
        restored = restore(self.account, self._snapshot, self._policy)
        self.outputs, self._snapshot = restored.outputs, restored.snapshot
        self._make_functions()
        self._maintain()
        self._start_gateway()

    def _load(self) -> None:
        """What takes long to load, while the emulator loads its own."""
        for service in RESTORED:
            self.account.client(service)
        import_module("app")

    def change(self, variables: str) -> None:
        """What is not applied is not changed in place. Raises `StepError`."""
        raise StepError("What is up is `make dev`, without Terraform. `make down`, then start it anew.")

    def _make_functions(self) -> None:
        self._pools = {
            name: Pool(self._function(described), self.places.logs / f"{name}.log")
            for name, described in self._snapshot["functions"].items()
        }

    def _function(self, described: dict[str, Any]) -> Function:
        named = {"TOKENVAULT_ALLOWED_ORIGINS": ",".join(self._origins)} if self._origins else {}
        environment = {**described["environment"], **named, **self.account.environment}
        return Function(**{**described, "environment": environment})

    def _background_works(self) -> Iterable[Repeated]:
        for function, expression in self._snapshot["schedules"].items():
            if seconds := rate_seconds(expression):
                yield Repeated(function, seconds, partial(self.invoke, function, {}))

    def _deployed_api(self) -> MergedApi:
        return MergedApi(with_cors(self._snapshot["api"]), self._origins)


def show(stack: Stack, say: Callable[[str], None], env: str = "make env CLIENT=NAME") -> None:
    """Prints each client with its secrets, which are made for this run and worth nothing after it, or with
    the way in where people sign in to it, and the command that puts one into a shell."""
    say(f"access tokens: {stack.token_url}")
    for client in stack.clients:
        shown = {name: client[name] for name in ("client_id", "client_secret", "api_key")}
        say(f"\n{_named(client)}\n  {json.dumps(shown)}")
    for client in stack.outputs["people"]["clients"]:
        shown = {"client_id": client["client_id"]}
        say(f"\n{_named(client)}\n  {json.dumps(shown)} people sign in: `tokenvault login`")
    say(f'\na client of these, in a shell: eval "$({env})"')


def _named(client: Mapping[str, Any]) -> str:
    return f"{client['tenant']}/{client['name']}: {' '.join(client['scopes'])}"
