"""The options of `approvals`. None of them takes a value; an approval's id is no secret."""

import argparse
import re
from typing import Any, Final

from tokenvault_client.cli import approving
from tokenvault_client.cli.parsers import add_command

_ASK: Final = """\
Asks a second person to approve the full reveal of tokens, a token a line, at most a hundred; prints the
approval, whose id you hand on. Once somebody else approved, reveal the same tokens for the same purpose:

  tokenvault approvals ask --purpose refund --file tokens.txt
  tokenvault detokenize --purpose refund --file tokens.txt --approval ID
"""

_SHOW: Final = "Shows who asked, what for, for how many tokens of which types, and what became of it."

_DECIDE: Final = "You cannot decide on what you asked for yourself, and what was decided stands."


def add_approvals(added: Any) -> None:
    """Adds the four commands."""
    about = "ask a second person to approve a full reveal, or decide on what somebody asked for"
    group = added.add_parser("approvals", help=about, description=f"{about.capitalize()}.")
    what = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    ask = add_command(what, "ask", approving.ask, "ask for an approval", _ASK)
    ask.add_argument(
        "--purpose", required=True, metavar="NAME", help="what for; the policy lists the purposes"
    )
    ask.add_argument("--file", metavar="FILE", help="file with the tokens, each on a line (default: stdin)")
    for name, run, says in (
        ("show", approving.show, "show an approval"),
        ("approve", approving.approve, "approve what somebody else asked for"),
        ("refuse", approving.refuse, "refuse what somebody else asked for"),
    ):
        more = _SHOW if name == "show" else f"{says.capitalize()}. {_DECIDE}"
        command = add_command(what, name, run, says, more)
        command.add_argument("approval", type=approval_id, metavar="ID", help="what `approvals ask` printed")
        if name == "approve":
            about = "of an export: the fingerprint of the recipient's key, as you have it by another way"
            command.add_argument("--recipient", type=fingerprint, metavar="SHA256", help=about)


def fingerprint(text: str) -> str:
    """The fingerprint of a recipient's key."""
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError("a fingerprint is needed: 64 of 0-9 a-f")
    return text


def approval_id(text: str) -> str:
    """An approval's id. It becomes a part of a URL, so nothing else may pass for one."""
    if not re.fullmatch(r"[0-9a-f]{32}", text):
        raise argparse.ArgumentTypeError("the id of an approval is needed: 32 of 0-9 a-f")
    return text
