"""How a command of the launcher ends: with a status, and with a sentence where something was in its way."""

import contextlib
import sys
from collections.abc import Callable
from typing import Final

from local.errors import StepError
from local.output import drop_unread, tolerant

INTERRUPTED: Final = 130  # what shells say of a command that Ctrl-C ended


def exit_status(work: Callable[[], int]) -> int:
    """Does the work; its own status, or that of its failure."""
    tolerant(sys.stdout)
    tolerant(sys.stderr)
    try:
        return work()
    except BrokenPipeError:
        drop_unread()
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except (StepError, OSError) as problem:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"\n{problem}\n")
        return 1
