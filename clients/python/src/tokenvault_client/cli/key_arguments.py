"""The options of `keys`."""

import argparse
import re
from typing import Any, Final

from tokenvault_client.cli import rotating
from tokenvault_client.cli.parsers import add_command

_KEYS: Final = """\
Rotates the key of a tenant, and ends the rotation: every record is sealed again under the newest version, and
an older one that no record names any more retires, so that it opens nothing.

The stack is what `terraform output -json` printed, from a file or stdin; credentials of clients in it are not
used. Credentials of AWS are found as AWS's own tools find them; they need lambda:InvokeFunction on the
functions `maintain` and `reveal` of the Region. Values and tokens stay in those functions: what comes here is
numbers, and ids of keys.

  tokenvault keys rotate --tenant shop --stack outputs.json
  tokenvault keys rewrap --tenant shop --stack outputs.json
  tokenvault keys status --tenant shop --stack outputs.json
"""

_REWRAP: Final = """\
Walks over the records and seals those again that name an older version, then counts what names each version,
and retires those that nothing names. The same command goes on where a run ended. A version that may still be
written with does not retire yet: the command says when to run it again, and ends with exit code 1. So it does
if records are left that could not be moved.

If the private half of a version is in the wrong hands, say --compromised: the version then retires in the
same run, with the records that could not be moved, such as changed ones; they do not open from then on.
"""


def add_keys(added: Any) -> None:
    """Adds the group with its commands."""
    about = "rotate a tenant's key, to the end"
    group = added.add_parser("keys", help=about, description=_KEYS)
    what = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    rotate = add_command(what, "rotate", rotating.rotate, "make another version of the key")
    status = add_command(
        what,
        "status",
        rotating.status,
        "say how many records name each version, and which PRF keys are ready",
    )
    status.add_argument(
        "--no-count", action="store_true", help="what the latest walk counted, without a new one"
    )
    about = "seal every record again under the newest version, and retire the others"
    rewrap = add_command(what, "rewrap", rotating.rewrap, about, _REWRAP)
    rewrap.add_argument("--compromised", action="store_true", help="retire also with what cannot be moved")
    rewrap.add_argument("--yes", action="store_true", help="do not ask before records stop opening")
    about = "have a retired version open records again, which a backup brought back"
    reinstate = add_command(what, "reinstate", rotating.reinstate, about)
    reinstate.add_argument(
        "--key", required=True, metavar="ID", type=_key_id, help="which, as `status` shows it"
    )
    for command in (status, rewrap):
        command.add_argument(
            "--items-per-second",
            type=pace,
            default=1000,
            metavar="NUMBER",
            help="how fast to go through the table (default: 1000)",
        )
    for command in (rotate, status, rewrap, reinstate):
        command.add_argument("--tenant", required=True, metavar="NAME", help="whose key")
        about = "what `terraform output -json` printed; - for stdin"
        command.add_argument("--stack", required=True, metavar="FILE", help=about)


def pace(text: str) -> int:
    """So many items a second."""
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise argparse.ArgumentTypeError("a number from 1 to 999999 is needed")
    return int(text)


def _key_id(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{32}", text):
        raise argparse.ArgumentTypeError("the id of a version is needed")
    return text
