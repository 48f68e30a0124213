"""What killed launchers left on running emulators, destroyed there."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from local import processes
from local.endpoint.kept import Kept
from local.endpoint.stack import EndpointStack
from local.errors import StepError
from local.output import say
from local.paths import StackPaths, relative


class Leaves(Protocol):
    """A stack that can be taken away without having been started here."""

    def take_away(self) -> None: ...


def _on(places: StackPaths) -> Leaves:
    return EndpointStack(places, say)


def destroy(
    places: StackPaths, found: Iterable[Kept], stack_on: Callable[[StackPaths], Leaves] = _on
) -> bool:
    """Says whether all is gone, and what to do about the rest. Raises `StepError` beside a launcher."""
    claim = processes.claim(places.launcher_pid)
    if claim is None:
        raise StepError("Another launcher is starting, and goes on from what is there.")
    try:
        still = [kept for kept in found if not _is_gone(places, kept, stack_on)]
        return not still
    finally:
        claim.release()


def _is_gone(places: StackPaths, kept: Kept, stack_on: Callable[[StackPaths], Leaves]) -> bool:
    try:
        endpoint = kept.noted().endpoint
    except StepError as unknown:
        say(f"{unknown} {_otherwise(kept)}")
        return False
    say(f"an earlier launcher left its stack on {endpoint}; destroying it there ...")
    try:
        stack_on(replace(places, endpoint=endpoint)).take_away()
    except StepError as failed:
        say(f"Not all of it is gone from {endpoint}: {failed}")
        say(f"Then `make down` again. {_otherwise(kept)}")
        return False
    return True


def _otherwise(kept: Kept) -> str:
    return f"If that emulator is gone for good, delete {relative(kept.folder)}"
