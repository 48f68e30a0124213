"""`python -m local`: the stack on this machine. `make` calls it."""

import contextlib
import os
import sys

from local.environment import isolate

# Before anything of boto3: no profile, endpoint or file of settings of the shell's reaches the stack.
isolate(os.environ)

from local.command_line import run_chosen  # noqa: E402
from local.errors import StepError  # noqa: E402
from local.output import tolerant  # noqa: E402

INTERRUPTED = 130  # what shells say of a command that Ctrl-C ended


def main() -> int:
    """Command line; 0 when all went well."""
    tolerant(sys.stdout)
    tolerant(sys.stderr)
    try:
        return run_chosen()
    except BrokenPipeError:
        return _nobody_reads()
    except KeyboardInterrupt:
        return INTERRUPTED
    except (StepError, OSError) as problem:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"\n{problem}\n")
        return 1


def _nobody_reads() -> int:
    """The interpreter would fail once more, as it flushes what nobody will read."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


if __name__ == "__main__":
    sys.exit(main())
