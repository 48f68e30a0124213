"""`python -m local.dev`: the API without Terraform, as one command. `tokenvault-dev` calls it."""

import os
import sys

from local.environment import isolate

# Before anything of boto3: no profile, endpoint or file of settings of the shell's reaches the stack.
isolate(os.environ)

from local.dev.command_line import run_chosen  # noqa: E402
from local.ending import exit_status  # noqa: E402

if __name__ == "__main__":
    sys.exit(exit_status(run_chosen))
