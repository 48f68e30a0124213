"""Other variables for a stack that is up: one process asks, the launcher carries it out.

The wish lies in a file of the stack's folder, and a signal tells the launcher. What came of it lies in a
second file.
"""

import contextlib
import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from local import processes
from local.errors import StepError

SIGNAL: Final = signal.SIGUSR1
CHANGE_SECONDS: Final = 600
_WISH: Final = "change.json"
_OUTCOME: Final = "changed.json"
_LOOK_SECONDS: Final = 1


def ask(state: Path, launcher: Path, variables: str) -> None:
    """Has the launcher apply other variables. Raises `StepError` with what it said when that failed."""
    outcome = state / _OUTCOME
    outcome.unlink(missing_ok=True)
    (state / _WISH).write_text(json.dumps({"variables": variables}), encoding="utf-8")
    with contextlib.suppress(ProcessLookupError, TypeError):
        os.kill(processes.running(launcher), SIGNAL)  # type: ignore[arg-type]  # None: it ended this moment
    processes.wait_until(lambda: outcome.exists() or processes.running(launcher) is None, CHANGE_SECONDS)
    if not outcome.exists():
        raise StepError("The stack went down before the change was made.")
    if problem := json.loads(outcome.read_text(encoding="utf-8"))["problem"]:
        raise StepError(f"The change failed; the stack serves what it served before.\n{problem}")


class Wishes:
    """The launcher's side: from when it is made it hears of wishes, and carries them out as it serves."""

    def __init__(self, state: Path, change: Callable[[str], None]) -> None:
        self._state, self._change = state, change
        self._told = threading.Event()
        signal.signal(SIGNAL, lambda *_: self._told.set())

    def serve(self) -> None:
        """Until an exception ends it, such as Ctrl-C's."""
        while True:
            # With an end: a signal that comes just before a wait without one is handled only after the next.
            while not self._told.wait(_LOOK_SECONDS):
                pass
            self._told.clear()
            self._carry_out()

    def _carry_out(self) -> None:
        wish = json.loads((self._state / _WISH).read_text(encoding="utf-8"))
        problem = None
        try:
            self._change(wish["variables"])
        except StepError as failed:
            problem = str(failed)
        whole = self._state / f"{_OUTCOME}.new"
        whole.write_text(json.dumps({"problem": problem}), encoding="utf-8")
        whole.replace(self._state / _OUTCOME)
