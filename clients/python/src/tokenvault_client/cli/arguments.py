"""The command line: commands, options, help. No option takes a value that is to be protected."""

import argparse
from typing import Any, Final, get_args

from tokenvault_client.cli import argument_types, commands, doctoring, restoring, verifying
from tokenvault_client.cli.approval_arguments import add_approvals, approval_id
from tokenvault_client.cli.audit_arguments import add_audit
from tokenvault_client.cli.capture_arguments import add_capture_session
from tokenvault_client.cli.export_arguments import add_export
from tokenvault_client.cli.import_arguments import add_import
from tokenvault_client.cli.key_arguments import add_keys
from tokenvault_client.cli.parsers import Parser, add_command
from tokenvault_client.cli.restore_arguments import add_restore_keys
from tokenvault_client.cli.retokenize_arguments import add_retokenize
from tokenvault_client.cli.secret_arguments import add_client_secret
from tokenvault_client.cli.sign_in_arguments import add_sign_in
from tokenvault_client.cli.trail_arguments import add_trail, moment
from tokenvault_client.results import Field
from tokenvault_client.version import VERSION

_ABOUT: Final = "Turns sensitive values into tokens and back, through a tokenvault service."

_MORE: Final = """\
Values come from stdin or a file, in UTF-8, and never from the command line, where every user of the machine
can read them.

environment:
  TOKENVAULT_URL            where the API answers, https://...
  TOKENVAULT_TOKEN_URL      the token endpoint, which gives access tokens
  TOKENVAULT_CLIENT_ID      }
  TOKENVAULT_CLIENT_SECRET  } the credentials of the client
  TOKENVAULT_API_KEY        } (without secret and key: whoever signed in, with `tokenvault login`)
  TOKENVAULT_CLIENT_CERT    PEM file with a client certificate, for an API behind mutual TLS
  TOKENVAULT_CLIENT_KEY     PEM file with its private key, if that is not in the same file
  TOKENVAULT_TOKEN_CACHE    folder in which runs share access tokens, readable by you alone; by default
                            ~/.cache/tokenvault; none if empty
  HTTPS_PROXY, NO_PROXY     http://host:port of a proxy, and the hosts to reach without it

exit codes:
  0  all done
  1  some items failed; each is named on stderr (with --json: in its line). doctor: a check failed
  2  called wrongly: options, environment or input
  3  the service refused the request; or the client has no scope for it, and nothing was sent
  4  the service could not be reached or failed, retries included
  5  what was to be verified is not what the vault signed
  6  the output could not be written, because the disk is full for example
  7  doctor, restore: nothing failed, and something could not be checked

examples:
  tokenvault tokenize --type card_number < cards.txt > tokens.txt
  tokenvault detokenize --purpose settlement --file tokens.txt
  tokenvault import customers.csv --map map.toml --out customers.tokens.csv
  tokenvault erase subject customer-1 --yes --json > receipt.json
  tokenvault verify-receipt receipt.json --public-key receipts.der
"""

_TOKENIZE: Final = """\
A value a line in, a token a line out; a value that failed leaves an empty line, and its error on stderr. With
--keep-empty an empty line is no value, and stays empty. With --json, each line in is an object {"value",
"type", "subject", "ttl_seconds", "metadata", "id"}, of which only the value is needed if options say the
rest; each line out is an object, with the id that the line had. The output is the input of detokenize.

Lines come out as they are done, a hundred at a time, or each by itself at a terminal. A run that ends half
way says how many are done, and the --idempotency-key under which it can be run again without a second token
for any value.

  tokenvault tokenize --type card_number < cards.txt > tokens.txt
  paste cards.txt tokens.txt
"""

_DETOKENIZE: Final = """\
A token a line in, a value a line out; a token that failed leaves an empty line, and its error on stderr. With
--json, each line in is an object with a token and perhaps an id, as tokenize --json prints it. Lines without
a token, empty or with the error of a value that failed, are passed on. Every reveal is on record.

  tokenvault detokenize --purpose settlement < tokens.txt
  tokenvault detokenize --masked < tokens.txt
"""

_SEARCH: Final = """\
A value a line in, the token that it has already out; nothing is created. Deterministic types only.
A value without a token leaves an empty line.

  tokenvault search --type member_card < cards.txt
"""

_VERIFY: Final = """\
Checks an erasure receipt against the public half of the vault's receipt key, without a network. Get the key
from somebody you trust, not from the giver of the receipt. In the vault's account, this command prints it:

  aws kms get-public-key --key-id alias/NAME-receipts \\
    --query PublicKey --output text | base64 -d > receipts.der

  tokenvault verify-receipt receipt.json --public-key receipts.der
"""


_RECONCILE: Final = """\
After a restore, what was erased since the restored moment is back. This reads the audit trail, as
`audit verify` does, and erases again what the trail says was erased in one tenant: each token, and each
subject. Then it asks for the facts of each token, which have to be gone, and prints how many are. If the
trail does not verify, nothing is erased.

It works as the client that the environment names, which needs the actions erase and read, and for the trail
as `audit verify`. Run it for each tenant, while Terraform's `restoring` keeps the API closed; run it again if
it was interrupted. Wait for the checkpoint that comes after the last erasure, and name its time or a later
one with --require-covered-until.

  tokenvault restore reconcile --tenant shop --since 2026-11-27T12:00Z --vault-id main --kms-key ARN archive/
"""

_DOCTOR: Final = """\
Makes each check of a deployed stack that calls can make, and prints what it found: ok, FAILED, or not checked
with the reason, such as AccessDenied where the caller's identity may not look. The stack is what
`terraform output -json` printed, from a file or stdin; credentials of clients in it are not used.

It changes nothing but one test token, which is marked in its metadata and expires within minutes; and that
only if the environment names a client (TOKENVAULT_CLIENT_ID, TOKENVAULT_CLIENT_SECRET, TOKENVAULT_API_KEY).
Up to two requests to reveal are refused, which the alarm reveals-forbidden counts. TOKENVAULT_URL and
TOKENVAULT_TOKEN_URL replace the outputs url and token_url. Needs boto3; credentials of AWS are found as AWS's
own tools find them, and need to read settings only.

With --fire-alarms it also sets alarms off, which pages whoever hears them, and sees in their history that the
topic was told; then it sets them back. That needs cloudwatch:SetAlarmState.

  terraform output -json | tokenvault doctor --stack -
"""


def parser() -> argparse.ArgumentParser:
    """The parser; what it gives has `run`, the command to call."""
    made = Parser(prog="tokenvault", description=_ABOUT, epilog=_MORE)
    made.add_argument("--version", action="version", version=f"tokenvault {VERSION}")
    added = made.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_values(added)
    _add_detokenize(added)
    add_approvals(added)
    add_export(added)
    add_import(added)
    add_capture_session(added)
    _add_facts(added)
    _add_subject(added)
    _add_erase(added)
    _add_verify(added)
    add_audit(added)
    _add_restore(added)
    add_client_secret(added)
    add_keys(added)
    add_retokenize(added)
    add_sign_in(added)
    _add_doctor(added)
    return made


def _add_values(added: Any) -> None:
    tokenize = add_command(added, "tokenize", commands.tokenize, "values in, tokens out", _TOKENIZE)
    search = add_command(
        added, "search", commands.search, "values in, the tokens that they have out", _SEARCH
    )
    for command in (tokenize, search):
        command.add_argument("--type", metavar="NAME", help="information type of the values; see `types`")
        command.add_argument("--subject", metavar="ID", help="your own id of the subject of the values")
        command.add_argument(
            "--keep-empty", action="store_true", help="an empty value stays empty, and is not sent"
        )
        _add_file(command, "values")
    limit = "time limit, for random types"
    tokenize.add_argument(
        "--ttl", "--ttl-seconds", type=argument_types.seconds, metavar="SECONDS", help=limit
    )
    tokenize.add_argument(
        "--metadata",
        type=argument_types.pair,
        action="append",
        default=[],
        metavar="NAME=TEXT",
        help="a fact to keep beside the token, not sensitive; may be given again. Where a deterministic type "
        "has the token already, that keeps its first facts",
    )
    tokenize.add_argument(
        "--idempotency-key",
        type=argument_types.key,
        metavar="KEY",
        help="22 random characters or more: run again with the same key and input, it gives the same tokens",
    )


def _add_detokenize(added: Any) -> None:
    detokenize = add_command(added, "detokenize", commands.detokenize, "tokens in, values out", _DETOKENIZE)
    detokenize.add_argument("--purpose", metavar="NAME", help="what for; the policy lists the purposes")
    how = detokenize.add_mutually_exclusive_group()
    how.add_argument("--masked", action="store_true", help="the masks only, not the values")
    about = "a second person's approval of exactly these tokens, at most a hundred; see `approvals`"
    how.add_argument("--approval", type=approval_id, metavar="ID", help=about)
    about = "the person it is for, for the record; nobody verifies it, and the policy has to allow it"
    detokenize.add_argument("--on-behalf-of", metavar="ID", help=about)
    proof = (
        "a file with a signed JWT that says whom it is for, of the identity provider that the policy names; "
        "read again for each request, so replace it before it is too old"
    )
    detokenize.add_argument("--assertion-file", metavar="FILE", help=proof)
    only = "of values that are objects, as cards are, this field alone; may be given again"
    detokenize.add_argument("--field", action="append", choices=get_args(Field), help=only)
    _add_file(detokenize, "tokens")


def _add_facts(added: Any) -> None:
    facts = add_command(
        added, "facts", commands.facts, "show type, times and metadata of tokens, never a value"
    )
    facts.add_argument(
        "tokens", nargs="+", type=argument_types.an_id, metavar="TOKEN", help="a token, never a value"
    )
    add_command(added, "types", commands.types, "list the information types that this client may use")


def _add_subject(added: Any) -> None:
    about = "list what is kept of a subject: tokens, types and times, never a value"
    subject = add_command(added, "subject", commands.subject, about)
    subject.add_argument(
        "subject", type=argument_types.an_id, metavar="ID", help="your own id of the subject"
    )


def _add_erase(added: Any) -> None:
    about = "erase tokens, or everything of a subject, for good"
    erase = added.add_parser("erase", help=about, description=f"{about.capitalize()}.")
    what = erase.add_subparsers(title="what to erase", metavar="WHAT", required=True)
    token = add_command(what, "token", commands.erase_token, "erase tokens; unknown ones are no error")
    token.add_argument(
        "tokens", nargs="+", type=argument_types.an_id, metavar="TOKEN", help="a token, never a value"
    )
    about = "erase everything of a subject, and print the signed receipt"
    subject = add_command(what, "subject", commands.erase_subject, about)
    subject.add_argument(
        "subject", type=argument_types.an_id, metavar="ID", help="your own id of the subject"
    )
    subject.add_argument(
        "--dry-run",
        action="store_true",
        help="erase nothing, and print what `tokenvault subject` prints (scope: vault/subjects.read)",
    )
    for command in (token, subject):
        command.add_argument("--yes", action="store_true", help="do not ask; nothing brings it back")


def _add_verify(added: Any) -> None:
    verify = add_command(added, "verify-receipt", verifying.receipt, "check an erasure receipt", _VERIFY)
    verify.add_argument(
        "receipt",
        nargs="?",
        metavar="RECEIPT",
        help="a JWS, or what `erase subject --json` printed (default: stdin)",
    )
    verify.add_argument("--public-key", required=True, metavar="FILE", help="PEM, DER or JWK of a P-256 key")
    verify.add_argument("--key-id", metavar="ID", help="the key that the receipt has to name")


def _add_restore(added: Any) -> None:
    about = "make a restored vault fit to be used"
    group = added.add_parser("restore", help=about, description=f"{about.capitalize()}.")
    what = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    about = "erase again what was erased after the restored moment"
    reconcile = add_command(what, "reconcile", restoring.reconcile, about, _RECONCILE)
    reconcile.add_argument("--tenant", required=True, metavar="NAME", help="the tenant of the client")
    about = "the moment that was restored, such as 2026-01-31T12:00Z; UTC if it names no zone"
    reconcile.add_argument("--since", required=True, type=moment, metavar="TIME", help=about)
    reconcile.add_argument("--yes", action="store_true", help="do not ask; nothing brings it back")
    about = "leave out the old tokens that this client retired (retokenize retire); several times"
    reconcile.add_argument("--not-by", action="append", metavar="CLIENT", help=about)
    about = "erase all, though values got tokens under another PRF key since that moment"
    reconcile.add_argument("--retired-too", action="store_true", help=about)
    add_trail(reconcile)
    add_restore_keys(what)


def _add_doctor(added: Any) -> None:
    doctor = add_command(added, "doctor", doctoring.doctor, "check a deployed stack", _DOCTOR)
    about = "what `terraform output -json` printed; - for stdin"
    doctor.add_argument("--stack", required=True, metavar="FILE", help=about)
    about = "set these alarms off, or all if none is named: whoever hears them is paged"
    doctor.add_argument("--fire-alarms", nargs="*", metavar="ALARM", help=about)


def _add_file(command: argparse.ArgumentParser, what: str) -> None:
    command.add_argument(
        "--file", metavar="FILE", help=f"file with the {what}, each on a line (default: stdin)"
    )
