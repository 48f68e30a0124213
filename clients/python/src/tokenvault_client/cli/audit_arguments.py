"""The options of `audit`, and its help."""

from typing import Any, Final

from tokenvault_client.audit.chains import ACTIONS
from tokenvault_client.cli import accesses, auditing
from tokenvault_client.cli.approval_arguments import approval_id
from tokenvault_client.cli.parsers import add_command
from tokenvault_client.cli.trail_arguments import add_trail, moment

_AUDIT: Final = """\
Checks that nothing was taken out of the audit trail, changed, exchanged, cut off or made up. It has to be the
whole trail: an export of the audit table, the archive, or the table itself. Files hold one item a line in
DynamoDB's JSON, compressed if their names end in .gz; a folder stands for all files below it whose names
end in .gz, as an export's do, or in .ndjson, as the archive's. The Region is the key's. Credentials are found
as AWS's own tools find them; they need kms:Decrypt on the key, and dynamodb:Scan for a table. Findings are
printed as they are found; any makes exit code 5.

Checkpoints, four an hour, vouch for the ends of chains. A trail that they do not cover up to the end of the
audited time is a finding too: its end may have been cut off. That end is now, less the 75 minutes within
which the next checkpoint is due; for an export of an earlier day, name it with --require-covered-until.

  tokenvault audit verify --vault-id main --kms-key ARN export/data/
  tokenvault audit verify --vault-id main --kms-key ARN archive/
  tokenvault audit verify --vault-id main --kms-key ARN --table NAME
  tokenvault audit verify --vault-id main --kms-key ARN --until 2026-02-01 january/
"""

_WHO: Final = """\
Checks the trail as `audit verify` does, and prints who asked for a token, what a client or a person asked
for, or what was asked for in a time: each reveal, search and erasure, and each refusal of one, in the order
of time. If the trail does not verify, accesses may be missing or made up; the exit code is 5 then, and with
--json each says so.

Who signed in is told apart from whom a client only says it asked for. --person takes a username, the `sub`
of an access token, or what a client named; accesses of that person signed in come first.

  tokenvault audit who --token TOKEN --vault-id main --kms-key ARN archive/
  tokenvault audit who --person anna --between 2026-11-01 2026-12-01 --vault-id main --kms-key ARN archive/
  tokenvault audit who --tenant shop --client settlement --since 2026-11-01 --before 2026-12-01 \\
    --vault-id main --kms-key ARN --table NAME
"""


def add_audit(added: Any) -> None:
    """Adds `audit verify` and `audit who`."""
    about = "check the audit trail, and ask it"
    group = added.add_parser("audit", help=about, description=f"{about.capitalize()}.")
    what = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    about = "check that the audit trail is whole"
    add_trail(add_command(what, "verify", auditing.verify, about, _AUDIT))
    who = add_command(what, "who", accesses.who, "say which client and person asked for what", _WHO)
    who.add_argument("--token", action="append", metavar="TOKEN", help="a token; may be given again")
    who.add_argument("--tenant", metavar="NAME", help="clients of this tenant only")
    who.add_argument("--client", metavar="NAME", help="this client only, and what it approved for others")
    about = "this action only, such as detokenize, erase.token or export; may be given again"
    known = sorted(frozenset[str]().union(*ACTIONS.values()))
    who.add_argument("--action", action="append", choices=known, metavar="ACTION", help=about)
    who.add_argument("--purpose", metavar="PURPOSE", help="for this purpose only, by its name in the policy")
    about = "what this subject's erasure and lists are on record as; events of its tokens do not name it"
    who.add_argument("--subject", metavar="ID", help=about)
    about = "this approval only: who asked for it, decided on it, and used it"
    who.add_argument("--approval", type=approval_id, metavar="ID", help=about)
    about = "who signed in or approved, by username or sub, or whom an assertion or a client named"
    who.add_argument("--person", metavar="ID", help=about)
    about = "with an assertion of this identity provider only; with --person, whom it named"
    who.add_argument("--asserted-by", metavar="ISSUER", help=about)
    who.add_argument("--since", type=moment, metavar="TIME", help="from this time on")
    who.add_argument("--before", type=moment, metavar="TIME", help="before this time")
    about = "the same as --since A --before B"
    who.add_argument("--between", nargs=2, type=moment, metavar=("A", "B"), help=about)
    add_trail(who)
