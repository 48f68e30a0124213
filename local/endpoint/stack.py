"""The stack on somebody else's emulator: applied there, run there, and destroyed there again."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from local.background import Repeated
from local.container import FunctionPool
from local.endpoint import address, overrides
from local.endpoint.emulators import ANOTHER, Emulator
from local.endpoint.functions import DeployedFunction
from local.endpoint.kept import Kept, Noted
from local.errors import StepError
from local.output import say_if_heard
from local.paths import StackPaths
from local.stack import VARIABLES, Stack, Step
from local.terraform import Terraform

PATIENCE_SECONDS: Final = 30
"""For Terraform after Ctrl-C, to note in its state what it has begun: the emulator outlives it."""


class EndpointStack(Stack):
    """Terraform, functions and gateway on the emulator at `places.endpoint`, which runs and goes on running.

    Its state outlives a launcher that was killed: the next start goes on from there.
    """

    def __init__(self, places: StackPaths, say: Callable[[str], None], variables: str = VARIABLES) -> None:
        super().__init__(places, say, variables)
        self._kept = Kept.of(places.state, places.emulator_url)
        self.terraform = Terraform(
            self._kept.folder, self.account.environment, say, memory=places.state, patience=PATIENCE_SECONDS
        )
        self._merged = self.terraform.regional / "chalice.tf.json"
        self.emulator: Emulator = ANOTHER
        self._copy_is_whole = False

    @property
    def token_url(self) -> str:
        """Where the emulator gives access tokens."""
        return f"{self.account.endpoint}{self.emulator.token_path}"

    def _make_users(self) -> None:
        """Nobody: where people sign in on somebody else's emulator, if they can, is for it to say."""

    def stop(self) -> None:
        """Takes the gateway down, and from the emulator what was applied."""
        super().stop()
        if not self._kept.holds():
            return
        try:
            if self._copy_is_whole:
                self._destroy()
            else:
                self.take_away()
        except (StepError, OSError) as failed:
            say_if_heard(
                f"Not all of it is gone from {self.account.endpoint}; the next start goes on there, and "
                "`make down` tries again."
            )
            say_if_heard(str(failed))

    def take_away(self) -> None:
        """Destroys what an earlier launcher left there. Raises `StepError` when not all of it is gone."""
        self._take([*self._readying(), ("destroy what was applied", self._destroy)])

    def _destroy(self) -> None:
        # Without a look at what is there: some of what an emulator answers to that, the provider cannot read.
        # With patience for the Terraform of a killed launcher, which goes on and has the state locked.
        options = ("-auto-approve", "-refresh=false", "-lock-timeout=60s")
        self.terraform.run("destroy", *options, f"-var-file={self._kept.noted().variables}")
        self._kept.forget()

    def _before_applying(self) -> list[Step]:
        return [
            ("check what is needed", self._check),
            *self._readying(),
        ]

    def _readying(self) -> list[Step]:
        return [
            ("look which emulator it is", self._recognize),
            ("package the app", self._package),
            ("get Terraform's provider", self._init),
        ]

    def _ports(self) -> Mapping[str, int]:
        return {"PORT": self.places.gateway_port}

    def _recognize(self) -> None:
        self.emulator = address.recognized(self.account.endpoint)
        lacking = ", ".join(lack.what for lack in self.emulator.lacks) or "nothing that is known"
        self._say(f"      {self.emulator.name} at {self.account.endpoint}; it lacks: {lacking}")

    def _package(self) -> None:
        self._copy_is_whole = False
        self.terraform.prepare(self.emulator.package)
        overrides.write(self.terraform.copy, self.emulator.lacks)
        overrides.keep_state(self.terraform.copy)

    def _init(self) -> None:
        self.terraform.init()
        self._copy_is_whole = True

    def _apply(self) -> None:
        self._note()
        super()._apply()
        self._name_issuer()

    def change(self, variables: str) -> None:
        """Applies other variables to what is up. Data stays, and so do clients that the variables have."""
        super().change(variables)
        self._variables = variables
        self._note()

    def _note(self) -> None:
        self._kept.note(Noted(self.account.endpoint, self._variables))

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
