"""`python -m local.emulator --port N`: serve the emulator until SIGTERM or SIGINT."""

import argparse
import os
import sys

from local.environment import isolate

# Before anything of moto: it asks for the Regions as it is imported, with whatever profile the shell names.
isolate(os.environ)

from local.emulator import SERVICES, install  # noqa: E402
from local.emulator.origins import is_loopback  # noqa: E402
from local.emulator.patching import PatchError, patches  # noqa: E402
from local.emulator.server import serve  # noqa: E402


def main() -> int:
    """Exit status 0 when it was told to stop, 1 when a patch does not fit moto or the port is taken."""
    arguments = _parser().parse_args()
    try:
        if arguments.patches:
            install()
            _print_patches()
        else:
            parent = sys.stdin.buffer if arguments.while_open else None
            serve(arguments.host, arguments.port, arguments.services, parent)
    except (PatchError, OSError) as error:
        sys.stderr.write(f"emulator: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local.emulator", description="An AWS account on loopback."
    )
    parser.add_argument(
        "--port", type=int, default=4566, help="0 takes a free one (default: 4566, LocalStack's)"
    )
    parser.add_argument("--host", type=_loopback, default="127.0.0.1")
    parser.add_argument(
        "--services", type=_services, default=SERVICES, help="which services' gaps are filled (default: all)"
    )
    parser.add_argument(
        "--while-open", action="store_true", help="stop when standard input ends, as when the parent does"
    )
    parser.add_argument("--patches", action="store_true", help="list what is changed about moto, and why")
    return parser


def _services(text: str) -> tuple[str, ...]:
    named = tuple(text.split(","))
    if unknown := set(named) - set(SERVICES):
        raise argparse.ArgumentTypeError(f"no such services: {', '.join(sorted(unknown))}")
    return named


def _loopback(host: str) -> str:
    if not is_loopback(host):
        raise argparse.ArgumentTypeError("the emulator has no access control, so it listens on loopback only")
    return host


def _print_patches() -> None:
    for patch in patches():
        sys.stdout.write(f"{patch.where} (moto {patch.seen_on}): {patch.why}\n")


if __name__ == "__main__":
    sys.exit(main())
