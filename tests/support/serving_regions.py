"""Two Regions that serve one vault on a running emulator: our Terraform applied there, and what it deployed.

Each Region's functions are run by the emulator's Lambda, from the package; in front of each stands the
gateway of `make run`.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from chalicelib.cache import ExpiringCache
from local.access_tokens import AccessTokens, jwks_of
from local.account import Account
from local.caller import Answer, access_token, call
from local.endpoint import address
from local.endpoint.functions import DeployedFunction
from local.endpoint.stack import EndpointStack
from local.gateway import Deployed, serve
from local.http_server import HttpServer
from local.merged_api import MergedApi
from local.processes import free_port
from local.stack import VARIABLES, StackPaths

REGIONS: Final = ("us-east-1", "us-west-2")
KEY_CACHE_SECONDS: Final = 1
OPTIONS: Final = (
    f"-var-file={VARIABLES}",
    f"-var=replica_region={REGIONS[1]}",
    "-var=replica_serves=true",
    f"-var=key_cache_seconds={KEY_CACHE_SECONDS}",
)

PATIENCE_SECONDS: Final = 180
"""With a cold start of every function at once, on a machine that does other things too."""

_TOKEN_SECONDS: Final = 120
_MANAGED_KEY: Final = "alias/aws/dynamodb"
"""AWS makes it in every account. Where it is missing, Terraform's provider cannot read a replica."""


@dataclass
class ServingRegion:
    """A Region's API, and its functions as whoever may invoke them reaches them."""

    name: str
    url: str
    token_url: str
    functions: Mapping[str, DeployedFunction]
    clients: Sequence[Mapping[str, Any]] = field(repr=False)
    account: Account
    _held: ExpiringCache[tuple[str, str], str] = field(
        default_factory=lambda: ExpiringCache(_TOKEN_SECONDS, time.monotonic), repr=False
    )

    def call(self, method: str, path: str, client: str, scope: str, body: Any = None) -> Answer:
        """A request of a client of the shop, with its own credentials."""
        who = next(each for each in self.clients if each["name"] == client)
        token = self._held.get((client, scope), partial(access_token, self.token_url, who, [scope]))
        return call(f"{self.url}{path}", method, token, who["api_key"], body, seconds=PATIENCE_SECONDS)

    def items(self, table: str) -> list[dict[str, Any]]:
        """Everything in a table as this Region has it, raw."""
        pages = self.account.client("dynamodb").get_paginator("scan")
        found = pages.paginate(TableName=f"tokenvault-{table}", ConsistentRead=True)
        return [item for page in found for item in page["Items"]]


@contextmanager
def serving(folder: Path, endpoint: str, say: Callable[[str], None]) -> Iterator[list[ServingRegion]]:
    """Both Regions, applied and with their keys made; the home Region is the first."""
    for region in REGIONS:
        _make_managed_key(Account(endpoint, region))
    stack = EndpointStack(StackPaths(folder, free_port(), free_port(), endpoint), say)
    stack.prepare()
    # A few at a time: a call that takes too long is sent again, and meets what it made the first time.
    stack.terraform.run("apply", "-auto-approve", "-parallelism=4", *OPTIONS)
    outputs = stack.terraform.outputs()
    served = [
        (outputs, outputs["clients"]),
        (outputs["replica"], outputs["replica_clients"]),
    ]
    api = MergedApi.load(stack.terraform.regional / "chalice.tf.json")
    servers: list[HttpServer] = []
    try:
        made = [
            _region(Account(endpoint, name), here, clients, api, servers)
            for name, (here, clients) in zip(REGIONS, served, strict=True)
        ]
        for number in (0, 1, 0):
            made[number].functions["maintain"].invoke({})
        yield made
    finally:
        for server in servers:
            server.stop()


def _region(
    account: Account,
    outputs: Mapping[str, Any],
    clients: Sequence[Mapping[str, Any]],
    api: MergedApi,
    servers: list[HttpServer],
) -> ServingRegion:
    functions = {
        name: DeployedFunction(account, deployed, outputs["function_alias"])
        for name, deployed in outputs["function_names"].items()
    }
    keys = account.api_keys(outputs["api_id"], outputs["stage"])
    pool = outputs["user_pool_id"]
    issuer = address.issuer(account.endpoint, pool) or outputs["user_pool_issuer"]
    tokens = AccessTokens(issuer, jwks_of(account.endpoint, pool))
    port = free_port()
    server = serve(
        import_module("app").app, Deployed(lambda: api, tokens, lambda: keys, functions), "127.0.0.1", port
    )
    server.start()
    servers.append(server)
    url, token_url = f"http://127.0.0.1:{port}", f"{account.endpoint}/oauth2/token"
    return ServingRegion(account.region, url, token_url, functions, clients, account)


def _make_managed_key(account: Account) -> None:
    kms = account.client("kms")
    if _MANAGED_KEY not in {each["AliasName"] for each in kms.list_aliases()["Aliases"]}:
        kms.create_alias(AliasName=_MANAGED_KEY, TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
