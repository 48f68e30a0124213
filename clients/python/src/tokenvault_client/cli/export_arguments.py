"""The options of `export`. None of them takes a value that is to be protected."""

import argparse
from pathlib import Path
from typing import Any, Final

from tokenvault_client.cli import export_running, exporting
from tokenvault_client.cli.approval_arguments import approval_id
from tokenvault_client.cli.parsers import add_command

_EXPORT: Final = """\
Everything out: all living tokens of the client's tenant, or of some types, with their values, in a file that
is sealed to the recipient's public key. Nobody reads it on the way, this tool neither. (scope: vault/export)

  tokenvault export keygen recipient                         # the recipient; keeps recipient.key
  tokenvault export ask --to recipient.pub --purpose moving  # where the policy wants a second person
  tokenvault approvals approve ID --recipient SHA256         # the second person
  tokenvault export run --to recipient.pub --purpose moving --approval ID --out vault.export
  tokenvault export open vault.export --key recipient.key --public-key receipts.der --out values.jsonl

The page docs/exports.md of the project has the format of the file, to open it without this tool.
"""

_RUN: Final = """\
A run that ended, in whatever way, is gone on with by the same command, for seven days; what it needs for that
lies beside the output (OUT.part), and the output has its name only once it is whole. Each page is on record.
With `--parts 4`, four parts of the vault are exported side by side, each into a file of its own
(OUT-01-of-04 and so on), under one approval; they are opened together.
"""

_OPEN: Final = """\
Verifies all of it, every part of an export, before anything of it has its name: who sealed it, that nothing
is missing, changed or put in, and how many tokens there are. What it writes are values in plaintext, an
object a line, readable by you alone. `receipts.der` is the public half of the vault's receipt key; get it
from somebody you trust, and not from the giver of the file. (needs the extra `export`)
"""


def add_export(added: Any) -> None:
    """Adds the commands."""
    about = "all tokens with their values out, sealed to a recipient"
    group = added.add_parser("export", help=about, description=_EXPORT)
    what = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    keygen = add_command(
        what, "keygen", exporting.keygen, "make a recipient's key pair (needs the extra `export`)"
    )
    about = "where it goes: NAME.key, the private half, readable by you alone, and NAME.pub"
    keygen.add_argument("name", type=Path, metavar="NAME", help=about)
    shown = add_command(what, "fingerprint", exporting.fingerprint, "show the fingerprint of a public key")
    shown.add_argument("to", metavar="FILE", help="the public key in PEM")
    ask = add_command(what, "ask", exporting.ask, "ask a second person to approve an export")
    _add_terms(ask)
    run = add_command(what, "run", export_running.run, "export, or go on with an export", f"Exports. {_RUN}")
    _add_terms(run)
    run.add_argument("--out", type=Path, metavar="OUT", help="the file; must not be there yet")
    about = "the id of an approval of exactly this export; it is used up when the export begins"
    run.add_argument("--approval", type=approval_id, metavar="ID", help=about)
    about = "in how many parts the vault is exported, each into a file of its own (default: 1)"
    run.add_argument("--parts", type=int, choices=(1, 2, 4, 8, 16), default=1, help=about)
    about = "how many parts are carried at once (default: 4)"
    run.add_argument("--parallel", type=int, choices=range(1, 17), default=4, metavar="N", help=about)
    run.add_argument("--dry-run", action="store_true", help="show what would be exported; send nothing")
    run.add_argument("--yes", action="store_true", help="do not ask whether that is meant")
    _add_open(what)


def _add_open(what: Any) -> None:
    made = add_command(
        what, "open", exporting.open_export, "verify and open an export", f"Opens one. {_OPEN}"
    )
    made.add_argument("inputs", nargs="+", metavar="FILE", help="the export file, or those of all its parts")
    made.add_argument("--key", required=True, metavar="FILE", help="the recipient's private key, in PEM")
    about = "file with the passphrase of that key, if it has one"
    made.add_argument("--passphrase-file", metavar="FILE", help=about)
    about = "the public half of the vault's receipt key: PEM, DER or JWK"
    made.add_argument("--public-key", required=True, metavar="FILE", help=about)
    about = "the file with the values, as JSON Lines; must not be there yet"
    made.add_argument("--out", required=True, type=Path, metavar="OUT", help=about)


def _add_terms(command: argparse.ArgumentParser) -> None:
    command.add_argument("--to", required=True, metavar="FILE", help="the recipient's public key, in PEM")
    command.add_argument(
        "--purpose", required=True, metavar="NAME", help="what for; the policy lists the purposes"
    )
    about = "an information type; may be given several times (default: all that the client may use)"
    command.add_argument("--type", action="append", dest="types", metavar="TYPE", help=about)
