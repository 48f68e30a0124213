"""The stack on somebody else's emulator: applied there, run there, and destroyed there again."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from local.background import Repeated
from local.container import FunctionPool
from local.endpoint import address, overrides
from local.endpoint.emulators import ANOTHER, Emulator
from local.endpoint.functions import DeployedFunction
from local.errors import StepError
from local.output import say_if_heard
from local.paths import StackPaths
from local.stack import VARIABLES, Stack, Step
from local.terraform import Terraform


class EndpointStack(Stack):
    """Terraform, functions and gateway on the emulator at `places.endpoint`, which runs and goes on running.

    Its state outlives a launcher that was killed: the next start goes on from there.
    """

    def __init__(self, places: StackPaths, say: Callable[[str], None], variables: str = VARIABLES) -> None:
        super().__init__(places, say, variables)
        folder = urlsplit(places.emulator_url).netloc.replace(":", "-")
        self.terraform = Terraform(
            places.state / "endpoints" / folder, self.account.environment, say, memory=places.state
        )
        self._merged = self.terraform.regional / "chalice.tf.json"
        self.emulator: Emulator = ANOTHER

    @property
    def token_url(self) -> str:
        """Where the emulator gives access tokens."""
        return f"{self.account.endpoint}{self.emulator.token_path}"

    def stop(self) -> None:
        """Takes the gateway down, and from the emulator what was applied."""
        super().stop()
        if not self._state.exists():
            return
        # Without a look at what is there: some of what an emulator answers to that, the provider cannot read.
        options = ("-auto-approve", "-refresh=false", f"-var-file={self._variables}")
        try:
            self.terraform.run("destroy", *options)
            self._state.unlink()
        except StepError as failed:
            say_if_heard(f"Not all of it is gone from {self.account.endpoint}; the next start goes on there.")
            say_if_heard(str(failed))

    def _before_applying(self) -> list[Step]:
        return [
            ("check what is needed", self._check),
            ("look which emulator it is", self._recognize),
            ("package the app", self._package),
            ("get Terraform's provider", self.terraform.init),
        ]

    def _ports(self) -> Mapping[str, int]:
        return {"PORT": self.places.gateway_port}

    def _recognize(self) -> None:
        self.emulator = address.recognized(self.account.endpoint)
        lacking = ", ".join(lack.what for lack in self.emulator.lacks) or "nothing that is known"
        self._say(f"      {self.emulator.name} at {self.account.endpoint}; it lacks: {lacking}")

    @property
    def _state(self) -> Path:
        return self.terraform.copy / "terraform.tfstate"

    def _package(self) -> None:
        kept = self._state.read_bytes() if self._state.exists() else None
        self.terraform.prepare(self.emulator.package)
        overrides.write(self.terraform.copy, self.emulator.lacks)
        if kept is not None:
            self._state.write_bytes(kept)

    def _apply(self) -> None:
        super()._apply()
        self._name_issuer()

    def change(self, variables: str) -> None:
        """Applies other variables to what is up. Data stays, and so do clients that the variables have."""
        super().change(variables)
        self._variables = variables

    def _name_issuer(self) -> None:
        told = address.issuer(self.account.endpoint, self.outputs["user_pool_id"])
        self.outputs["user_pool_issuer"] = told or self.outputs["user_pool_issuer"]

    def _pool(self, name: str, deployed: str, alias: str) -> FunctionPool:
        if not self.emulator.runs_functions:
            return super()._pool(name, deployed, alias)
        return DeployedFunction(self.account, deployed, alias)

    def _background_works(self) -> Iterable[Repeated]:
        """What runs functions calls them at their rates and with streams, too."""
        return () if self.emulator.runs_functions else super()._background_works()
