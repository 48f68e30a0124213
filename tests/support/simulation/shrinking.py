"""From a history that breaks a promise to the fewest steps that do, and the words to replay it."""

from collections.abc import Callable
from dataclasses import replace

from tests.support.simulation.history import kinds, play
from tests.support.simulation.plans import Plan, Step, plan
from tests.support.simulation.promises import Broken

Play = Callable[[Plan], int]
"""Plays a plan, and says how many operations it had. Raises `Broken`."""

MOST_TRIES = 400


class Failed(AssertionError):
    """A history that failed: its seed, what is left of it, and how to play it again."""


def verdict(played: Plan, play: Play = play) -> str | None:
    """What a history breaks, None if every promise holds. An error of any kind breaks the history."""
    try:
        play(played)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is told with its seed
        return said_by(error)
    return None


def said_by(error: Exception) -> str:
    """The promise that is broken, or the error that no promise has a word for."""
    return str(error) if isinstance(error, Broken) else f"{type(error).__name__}: {error}"


def shrunk(played: Plan, play: Play = play) -> Plan:
    """The history without all steps that it also fails without: by halves, then by ever smaller parts.

    Each step follows from a seed of its own, so that what is left happens as it did, as far as it can.
    """
    tries, size = 0, len(played.steps)
    while size >= 1 and tries < MOST_TRIES:
        start = 0
        while start < len(played.steps) and tries < MOST_TRIES:
            tries += 1
            fewer = replace(played, steps=_without(played.steps, start, size))
            if verdict(fewer, play) is None:
                start += size
            else:
                played = fewer
        size //= 2
    return played


def _without(steps: tuple[Step, ...], start: int, size: int) -> tuple[Step, ...]:
    return steps[:start] + steps[start + size :]


def check(seed: int, steps: int, play: Play = play) -> int:
    """Plays the history of a seed; how many operations it had. Raises `Failed`."""
    whole = plan(seed, steps)
    try:
        return play(whole)
    except Exception as error:
        least = shrunk(whole, play)
        raise Failed(_said(seed, steps, said_by(error), least, verdict(least, play))) from error


def _said(seed: int, steps: int, broken: str, least: Plan, breaks: str | None) -> str:
    return (
        f"{broken}\n"
        f"  seed {seed}, {steps} steps; {len(least.steps)} of them will do: {kinds(least.steps)}\n"
        f"  they break: {breaks}\n"
        f"  again: SIMULATION_SEED={seed} SIMULATION_STEPS={steps} "
        f".venv/bin/python -m pytest tests/functional/test_simulation.py -k test_every_promise"
    )
