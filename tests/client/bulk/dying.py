"""The tool, which ends without a word at its n-th step on the disk.

Run as a program: the number of the step, then the tool's own arguments.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

from tokenvault_client.cli.main import main

STEPS = ("fsync", "replace", "unlink")


def die_at(step: int) -> None:
    """From here on, the step of this number is the last thing that the process comes to."""
    left = [step]

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                os._exit(9)
            return call(*arguments, **options)

        return counting

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))


if __name__ == "__main__":
    die_at(int(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
