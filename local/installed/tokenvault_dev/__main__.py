"""`tokenvault-dev`, also as `python -m tokenvault_dev`: becomes the launcher of the service beside it.

The service's modules have names that an application may have too (`app`, `local`), so they are no packages of
the environment that this is installed in: they lie in a folder that only the launcher's process looks into.
"""

import os
import sys
from pathlib import Path
from typing import Final, NoReturn

HERE: Final = Path(__file__).resolve().parent


def service() -> Path:
    """The folder of the service: in the wheel, or the checkout that this lies in."""
    packed = HERE / "service"
    return packed if packed.is_dir() else HERE.parents[2]


def main() -> NoReturn:
    """Command line. The process stays the same, so that a signal to it is one to the launcher."""
    # Without the folder that it is called in, whose modules must not be found in place of the service's.
    command = [sys.executable, "-P", "-m", "local.dev", *sys.argv[1:]]
    sys.stdout.flush()
    os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": str(service())})


if __name__ == "__main__":
    main()
