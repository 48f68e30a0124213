"""`python -m local`: the stack on this machine. `make` calls it."""

import os
import sys

from local.environment import isolate

# Before anything of boto3: no profile, endpoint or file of settings of the shell's reaches the stack.
isolate(os.environ)

from local.command_line import run_chosen  # noqa: E402
from local.ending import exit_status  # noqa: E402


def main() -> int:
    """Command line; 0 when all went well."""
    return exit_status(run_chosen)


if __name__ == "__main__":
    sys.exit(main())
