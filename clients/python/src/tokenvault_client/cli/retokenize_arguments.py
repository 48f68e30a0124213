"""The options of `retokenize`. None of them takes a value that is to be protected."""

import argparse
from pathlib import Path
from typing import Any, Final

from tokenvault_client.cli import retiring, retokenizing
from tokenvault_client.cli.key_arguments import pace
from tokenvault_client.cli.parsers import add_command

_RETOKENIZE: Final = """\
Replaces the PRF key of a deterministic type: every value gets the token that follows from another key,
whoever keeps the old ones learns which is which, and in the end the old ones are erased.

  tokenvault retokenize prepare --prf-key 2 --stack outputs.json   # then prf_key = 2, and apply
  tokenvault retokenize run --tenant shop --type email --to recipient.pub --out pairs --stack outputs.json
  tokenvault retokenize open pairs --key recipient.key --public-key receipts.der --out pairs.jsonl
  tokenvault retokenize retire pairs --key recipient.key --public-key receipts.der

The page docs/operations.md of the project has the way from start to end. `prepare` and `run` need
lambda:InvokeFunction on the functions `maintain` and `reveal`; credentials of AWS are found as AWS's own
tools find them. `tokenvault export keygen` makes a recipient's keys.
"""

_RUN: Final = """\
Gives each value of the type its token under the type's key, in this Region's vault, and writes both tokens to
a file that is sealed to the recipient's key. Old tokens stay. A run that ended, in whatever way, is gone on
with by the same command; what it needs for that lies beside the output (OUT.part). Each page is on record.
"""

_RETIRE: Final = """\
Erases the old token of each pair, as a client that may read and erase (scopes vault/read, vault/erase). Where
somebody erased one of the two meanwhile, the value was meant: the other one is erased as well, once
--one-gone says of how many pairs that is. --dry-run tells. What is to be erased is decided once, and noted
beside the file (FILE.retired) before any of it is: keep that until the end, and the same command goes on. It
stops where pairs have changed since; --gone-since says of how many that is meant. (needs the extra `export`)
"""


def add_retokenize(added: Any) -> None:
    """Adds the group with its commands."""
    about = "replace the PRF key of a type: other tokens for all of its values"
    group = added.add_parser("retokenize", help=about, description=_RETOKENIZE)
    what = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    about = "make a PRF key before a type names it"
    prepare = add_command(what, "prepare", retokenizing.prepare, about)
    prepare.add_argument("--prf-key", required=True, type=_number, metavar="NUMBER", help="which, from 2 on")
    about = "the key was made by an earlier call, and is asked for again: that it is there is no failure"
    prepare.add_argument("--again", action="store_true", help=about)
    about = "give the values of a type their tokens under its key"
    run = add_command(what, "run", retokenizing.run, about, _RUN)
    _add_run(run)
    run.add_argument("--tenant", required=True, metavar="NAME", help="whose")
    for command in (prepare, run):
        about = "what `terraform output -json` printed; - for stdin"
        command.add_argument("--stack", required=True, metavar="FILE", help=about)
    made = add_command(what, "open", retokenizing.open_pairs, "verify a file, and write its pairs")
    made.add_argument("inputs", nargs=1, metavar="FILE", help="the file")
    about = "the file with the pairs, as JSON Lines; must not be there yet"
    made.add_argument("--out", required=True, type=Path, metavar="OUT", help=about)
    retire = add_command(what, "retire", retiring.retire, "erase the old tokens of a file", _RETIRE)
    _add_retire(retire)
    for command in (made, retire):
        _add_keys(command)


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("--type", required=True, metavar="TYPE", help="the information type")
    run.add_argument("--to", required=True, metavar="FILE", help="the recipient's public key, in PEM")
    run.add_argument("--out", type=Path, metavar="OUT", help="the file; must not be there yet")
    about = "end the walk of another run of this type, which then gets no further"
    run.add_argument("--anew", action="store_true", help=about)
    run.add_argument("--dry-run", action="store_true", help="show what would be done; send nothing")
    run.add_argument("--yes", action="store_true", help="do not ask whether that is meant")
    about = "how fast to go through the table (default: 1000)"
    run.add_argument("--items-per-second", type=pace, default=1000, metavar="NUMBER", help=about)


def _add_retire(retire: argparse.ArgumentParser) -> None:
    retire.add_argument("input", metavar="FILE", help="the file that `run` made")
    about = "of so many pairs one token is gone, and the other is to be erased with it (default: 0)"
    retire.add_argument("--one-gone", type=int, default=0, metavar="NUMBER", help=about)
    about = "so many pairs changed since an earlier run decided; go on as decided (default: 0)"
    retire.add_argument("--gone-since", type=int, default=0, metavar="NUMBER", help=about)
    about = "how many requests at once (default: 8)"
    retire.add_argument("--parallel", type=int, choices=range(1, 33), default=8, metavar="N", help=about)
    retire.add_argument("--dry-run", action="store_true", help="say what would be erased; erase nothing")
    retire.add_argument("--yes", action="store_true", help="do not ask whether that is meant")


def _add_keys(command: argparse.ArgumentParser) -> None:
    command.add_argument("--key", required=True, metavar="FILE", help="the recipient's private key, in PEM")
    about = "file with the passphrase of that key, if it has one"
    command.add_argument("--passphrase-file", metavar="FILE", help=about)
    about = "the public half of the vault's receipt key: PEM, DER or JWK"
    command.add_argument("--public-key", required=True, metavar="FILE", help=about)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 2 <= int(text[:4]) <= 999:
        raise argparse.ArgumentTypeError("a number from 2 to 999 is needed")
    return int(text)
