"""The command `capture-session`: its options, and what it does."""

import argparse
import re
from typing import Any, Final

from tokenvault_client.cli.exits import Exit
from tokenvault_client.cli.parsers import add_command
from tokenvault_client.cli.session import Session

_ABOUT: Final = """\
Begins a capture session and prints it: a page of the origin hands values in by it, straight into the vault,
with nothing else. Whoever has it can do so, so give it to the page alone. Applications ask for sessions by
the client's library; this is for trying a page.

  tokenvault capture-session --type card_number --origin https://shop.example
"""


def add_capture_session(added: Any) -> None:
    """Adds the command."""
    about = "begin a capture session for a page"
    command = add_command(added, "capture-session", capture_session, about, _ABOUT)
    kind = "information type that the page may hand in; may be given again"
    command.add_argument("--type", action="append", required=True, metavar="NAME", help=kind)
    command.add_argument(
        "--origin", required=True, metavar="ORIGIN", help="of the page, such as https://shop.example"
    )
    command.add_argument(
        "--max-values", type=_number, default=1, metavar="NUMBER", help="how many values in all (default: 1)"
    )
    how_long = "for how long (default: 600)"
    command.add_argument(
        "--ttl", "--ttl-seconds", type=_number, default=600, metavar="SECONDS", help=how_long
    )
    command.add_argument(
        "--several-requests", action="store_true", help="more than one request may hand values in by it"
    )
    command.add_argument("--subject", metavar="ID", help="your own id of the subject of the values")


def capture_session(session: Session, chosen: argparse.Namespace) -> Exit:
    """A session for a page."""
    with session.client() as client:
        made = client.capture_session(
            types=chosen.type,
            origin=chosen.origin,
            max_values=chosen.max_values,
            ttl_seconds=chosen.ttl,
            single_use=not chosen.several_requests,
            subject=chosen.subject,
        )
    fields = {"session": made.session, "expires": made.expires, "session_id": made.session_id}
    session.result(fields, made.session)
    return Exit.OK


def _number(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,9}", text):
        raise argparse.ArgumentTypeError("a whole number of 1 or more is needed")
    return int(text)
