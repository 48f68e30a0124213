"""The options of `client-secret`. None of them takes a secret."""

import argparse
import re
from pathlib import Path
from typing import Any, Final

from tokenvault_client.cli import client_secrets
from tokenvault_client.cli.parsers import add_command

_ROTATION: Final = """\
Gives a client a second secret beside the one that it has, and takes the old one away once it is not used any
more: in between both get access tokens, so nothing stops. Secrets are named by id and creation date, which
are no secrets. Credentials are found as AWS's own tools find them; they need
cognito-idp:AddUserPoolClientSecret, ListUserPoolClientSecrets and DeleteUserPoolClientSecret on the pool.

  tokenvault client-secret add --user-pool POOL --client-id ID --out secret.txt
  tokenvault client-secret list --user-pool POOL --client-id ID
  tokenvault client-secret retire --user-pool POOL --client-id ID --secret-id OLD

POOL is Terraform's output user_pool_id, ID is in its output client_ids.
"""


def add_client_secret(added: Any) -> None:
    """Adds the group with its three commands."""
    about = "replace a client's secret without an outage"
    layout = {"help": about, "description": _ROTATION}
    what = added.add_parser("client-secret", **layout).add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    add = add_command(what, "add", client_secrets.add, "add a second secret; the one before goes on working")
    to = add.add_mutually_exclusive_group(required=True)
    to.add_argument(
        "--out", type=Path, metavar="FILE", help="a new file for the secret, readable by you alone"
    )
    to.add_argument("--print", action="store_true", help="print the secret")
    shown = add_command(what, "list", client_secrets.show, "list ids and creation dates, the oldest first")
    retire = add_command(what, "retire", client_secrets.retire, "delete the older of two secrets")
    retire.add_argument("--secret-id", required=True, metavar="ID", help="which, as `list` shows it")
    retire.add_argument("--newer", action="store_true", help="delete the newer one, to take an addition back")
    retire.add_argument("--yes", action="store_true", help="do not ask; nothing brings it back")
    for made in (add, shown, retire):
        made.add_argument(
            "--user-pool",
            required=True,
            type=_user_pool,
            metavar="POOL",
            help="Terraform's output user_pool_id",
        )
        made.add_argument(
            "--client-id",
            required=True,
            type=_client_id,
            metavar="ID",
            help="of Terraform's output client_ids",
        )


def _user_pool(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+_[0-9A-Za-z]+", text):
        raise argparse.ArgumentTypeError("the id of a user pool is needed, such as us-east-1_Ab1Cd2Ef3")
    return text


def _client_id(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_+]{1,128}", text):
        raise argparse.ArgumentTypeError("the id of an app client is needed")
    return text
