"""What `make run` serves: the applied stack, or where Terraform cannot be had, what `make dev` serves."""

from collections.abc import Callable
from typing import Generic, TypeVar

from local.commands import INSTEAD, Runs
from local.errors import NoTerraformError

S = TypeVar("S", bound=Runs)


class StackOrInstead(Generic[S]):
    """Starts a stack; where that takes a Terraform that cannot be had, another one in its place."""

    def __init__(
        self,
        stack: S,
        instead: Callable[[], S],
        obtain: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        """`obtain` gets Terraform onto this machine; it may raise `NoTerraformError`, as may the start."""
        self.chosen, self._instead, self._obtain, self._say = stack, instead, obtain, say

    def start(self) -> None:
        """One or the other."""
        try:
            self._obtain()
            self.chosen.start()
        except NoTerraformError as missing:
            self.chosen.stop()
            self.chosen = self._instead()
            self._say(f"{INSTEAD} {missing}")
            self.chosen.start()

    def stop(self) -> None:
        """Takes down what was started."""
        self.chosen.stop()

    def change(self, variables: str) -> None:
        """Applies other variables to it, if it can."""
        self.chosen.change(variables)
