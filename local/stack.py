"""The whole stack on this machine: emulator, our real Terraform on it, functions, gateway."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, Final

from chalicelib.cache import ExpiringCache
from local import facts, processes
from local.access_tokens import AccessTokens, jwks_of
from local.account import Account
from local.background import Background, Repeated, schedules, streams
from local.container import FunctionCrashError, FunctionPool, FunctionTimeoutError, Pool
from local.dev import snapshot
from local.environment import isolated
from local.errors import StepError
from local.facts import Facts
from local.gateway import Deployed, serve
from local.http_server import HttpServer
from local.invocations import Invocations
from local.merged_api import MergedApi
from local.paths import ROOT, StackPaths
from local.people import make_users
from local.terraform import Terraform
from local.throttle import Throttle

__all__ = ["VARIABLES", "Stack", "StackPaths"]

VARIABLES: Final = "environments/local.tfvars"
EMULATOR_SECONDS: Final = 180
SETTINGS_SECONDS: Final = 1.0
"""How long the gateway holds API keys and usage plans before it looks again."""

Step = tuple[str, Callable[[], None]]
"""What is said of a step of the start, and its work."""


class Stack:
    """Starts everything, and takes down everything it started. Failing steps raise `StepError`."""

    takes_down = "make down"
    """The command that its user is told of."""

    def __init__(self, places: StackPaths, say: Callable[[str], None], variables: str = VARIABLES) -> None:
        self.places, self._say, self._variables = places, say, variables
        self.account = Account(places.emulator_url, "us-east-1")
        self.terraform = Terraform(places.state, self.account.environment, say)
        self.outputs: dict[str, Any] = {}
        self._merged = self.terraform.regional / "chalice.tf.json"
        self._pools: dict[str, FunctionPool] = {}
        self._server: HttpServer | None = None
        self._invocations: Invocations | None = None
        self._background: Background | None = None
        self._emulator: subprocess.Popen[bytes] | None = None

    @property
    def clients(self) -> list[dict[str, Any]]:
        """What each client needs to call the API."""
        return list(self.outputs["clients"])

    @property
    def token_url(self) -> str:
        """Where clients get their access tokens; in AWS, a host name of the pool's."""
        return f"{self.account.endpoint}/oauth2/token"

    def start(self) -> None:
        """Everything, in order."""
        self._take(
            [
                *self._before_applying(),
                ("apply Terraform", self._apply),
                ("make the tenants' keys", self._make_keys),
                ("start the gateway", self._start_gateway),
            ]
        )

    def prepare(self) -> None:
        """The emulator and Terraform ready to be applied, for callers that apply other variables."""
        self._take(self._before_applying())

    def _before_applying(self) -> list[Step]:
        return [
            ("check what is needed", self._check),
            ("start the emulator", self._start_emulator),
            ("package the app", self.terraform.prepare),
            ("get Terraform's provider", self.terraform.init),
        ]

    def _take(self, steps: list[Step]) -> None:
        for number, (step, work) in enumerate(steps, start=1):
            started = time.monotonic()
            self._say(f"[{number}/{len(steps)}] {step} ...")
            work()
            self._say(f"      done in {time.monotonic() - started:.1f} s")

    def stop(self) -> None:
        """Takes down gateway, functions and emulator; also after a start that failed half way."""
        facts.remove(self.places.state)
        if self._background is not None:
            self._background.stop()
        for server in (self._server, self._invocations):
            if server is not None:
                server.stop()
        for pool in self._pools.values():
            pool.close()
        processes.stop(self.places.emulator_pid)
        if self._emulator is not None:
            assert self._emulator.stdin is not None
            self._emulator.stdin.close()
            self._emulator.wait()

    def invoke(self, function: str, event: Any) -> Any:
        """Runs a function directly, past the gateway."""
        return self._pools[function].invoke(event)

    def _invoke_named(self, name: str, event: Any) -> Any:
        """Runs the function that has a name in the account. Raises `KeyError` when there is none."""
        return {pool.name: pool for pool in self._pools.values()}[name].invoke(event)

    def _check(self) -> None:
        self.terraform.require()
        self._check_ports()

    def _check_ports(self) -> None:
        """Nothing of an earlier run is left, and the ports are free."""
        self.places.logs.mkdir(parents=True, exist_ok=True)
        facts.remove(self.places.state)
        if processes.stop(self.places.emulator_pid):
            self._say("      an earlier run had left its emulator behind; stopped it")
        for name, port in self._ports().items():
            if refusal := processes.refusal(port):
                stop = f"Stop what listens there (`{self.takes_down}` for tokenvault), or choose"
                raise StepError(
                    f"Port {port} on 127.0.0.1 {refusal}. {stop if refusal == processes.TAKEN else 'Choose'} "
                    f"another, such as {name}={processes.free_port()}."
                )

    def _ports(self) -> Mapping[str, int]:
        """The ports to listen on, by the names of their settings."""
        return {"EMULATOR_PORT": self.places.emulator_port, "PORT": self.places.gateway_port}

    def _start_emulator(self, *options: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        command = [sys.executable, "-m", "local.emulator", "--while-open", *options]
        command += ["--port", str(self.places.emulator_port)]
        self._invocations = Invocations(self._invoke_named)
        environment = {**isolated(os.environ), **self._invocations.environment}
        with (self.places.logs / "emulator.log").open("wb") as log:
            emulator = processes.start(command, self.places.emulator_pid, log, environment, cwd=ROOT)
        self._emulator = emulator
        meanwhile()
        up = processes.wait_until(
            lambda: emulator.poll() is not None or processes.taken(self.places.emulator_port),
            EMULATOR_SECONDS,
        )
        if not up or emulator.poll() is not None:
            raise StepError(
                f"The emulator did not start; what it said is in {self.places.logs / 'emulator.log'}"
            )

    def _apply(self) -> None:
        self.terraform.apply(self._variables)
        self.outputs = self.terraform.outputs()

    def _make_keys(self) -> None:
        self._replace_functions()
        self._maintain()

    def _replace_functions(self) -> None:
        """Each function as it is deployed now; what older ones are doing they do to its end."""
        names, alias = self.outputs["function_names"], self.outputs["function_alias"]
        older = list(self._pools.values())
        for name, deployed in names.items():
            self._pools[name] = self._pool(name, deployed, alias)
        for pool in older:
            pool.retire()

    def _pool(self, name: str, deployed: str, alias: str) -> FunctionPool:
        """What runs a function, read back as it is deployed under its name in the account."""
        return Pool(self.account.function(deployed, alias), self.places.logs / f"{name}.log")

    def change(self, variables: str) -> None:
        """Applies other variables to what is up. Data stays, and so do clients that the variables have."""
        self.terraform.apply(variables)
        self.outputs = self.terraform.outputs()
        self._make_keys()
        self._make_users()
        self.api = self._deployed_api()
        facts.write(self.places.state, self.facts())

    def _maintain(self) -> None:
        try:
            self.invoke("maintain", {})
        except (FunctionCrashError, FunctionTimeoutError) as failed:
            log = self.places.logs / "maintain.log"
            raise StepError(f"The maintenance function failed ({failed}); what it said is in {log}") from None

    def _make_users(self) -> None:
        make_users(self.account, self.outputs["user_pool_id"], self.outputs["people"]["groups"])

    def _deployed_api(self) -> MergedApi:
        return MergedApi.load(self._merged, self._allowed_origins())

    def _allowed_origins(self) -> list[str]:
        """Those that a function was deployed with, in the order of the variable."""
        named = self._pools["tokenize"].environment.get("TOKENVAULT_ALLOWED_ORIGINS")
        return named.split(",") if named else []

    def _start_gateway(self) -> None:
        held: ExpiringCache[str, Any] = ExpiringCache(SETTINGS_SECONDS, time.time)
        api_id, stage = self.outputs["api_id"], self.outputs["stage"]
        self.api = self._deployed_api()
        deployed = Deployed(
            api=lambda: self.api,
            tokens=AccessTokens(
                self.outputs["user_pool_issuer"], jwks_of(self.account.endpoint, self.outputs["user_pool_id"])
            ),
            api_keys=lambda: held.get("keys", lambda: self.account.api_keys(api_id, stage)),
            functions=self._pools,
            throttle=Throttle(lambda: held.get("plans", lambda: self.account.usage_plans(api_id, stage))),
        )
        # Half of what there is to load, and not needed before: the emulator starts without waiting for it.
        app = import_module("app").app
        self._server = serve(app, deployed, "127.0.0.1", self.places.gateway_port)
        self._server.start()
        self._make_users()
        self._background = Background(self._background_works(), self.places.logs / "background.log")
        facts.write(self.places.state, self.facts())

    def _background_works(self) -> Iterable[Repeated]:
        """What calls functions besides the API, as it was deployed."""
        yield from schedules(self.account, self._invoke_named)
        yield from streams(self.account, self._invoke_named)

    def snapshot(self) -> dict[str, Any]:
        """What is applied, as `local.dev` makes it again."""
        state = json.loads(self.terraform.run("show", "-json", interactive=False))
        return snapshot.taken(state, self.terraform.outputs(), MergedApi.load(self._merged).document)

    def facts(self) -> Facts:
        """What other programs need to use the stack."""
        environment = {
            "TOKENVAULT_URL": self.places.url,
            "TOKENVAULT_TOKEN_URL": self.token_url,
            **self.account.environment,
            "TOKENVAULT_VAULT_ID": self.outputs["vault_id"],
            "TOKENVAULT_AUDIT_KEY_ARN": self.outputs["audit_key_arn"],
            "TOKENVAULT_USER_POOL_ID": self.outputs["user_pool_id"],
            **{f"TOKENVAULT_{name.upper()}_TABLE": table for name, table in self.outputs["tables"].items()},
        }
        signs = self._pools["reveal"].environment["TOKENVAULT_RECEIPT_KEY_ARN"]
        receipt_key = self.account.client("kms").get_public_key(KeyId=signs)["PublicKey"]
        return Facts(environment, [*self.clients, *self.outputs["people"]["clients"]], receipt_key)
