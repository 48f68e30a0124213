"""The options of `restore keys`."""

from typing import Any, Final

from tokenvault_client.cli import restoring_keys
from tokenvault_client.cli.parsers import add_command

_KEYS: Final = """\
Takes PRF keys over into a restored keys table, with the marks that say where they are ready: those of tokens
that were made after the restored moment are not in it, and another key would be another token for every
value. Nothing in the restored table is changed, and nothing is written if it has another key under the name
of one; run it again if it was interrupted.

Before the apply that gives the restored table to Terraform, in the Region that it was restored in:

  tokenvault restore keys --from tokenvault-keys --to tokenvault-keys-restored --region eu-central-1

Keys are wrapped, in both tables. It needs dynamodb:Scan on both and dynamodb:PutItem on the restored one;
credentials of AWS are found as AWS's own tools find them.
"""


def add_restore_keys(added: Any) -> None:
    """Adds the command to its group."""
    about = "take PRF keys over from the keys table before the restore"
    keys = add_command(added, "keys", restoring_keys.take_over, about, _KEYS)
    about = "the keys table with the latest keys: the one before, or one restored to its last moment"
    keys.add_argument("--from", dest="source", required=True, metavar="TABLE", help=about)
    keys.add_argument("--to", dest="target", required=True, metavar="TABLE", help="the restored keys table")
    keys.add_argument("--region", required=True, metavar="REGION", help="the Region of both")
