"""The options of `login`, `logout` and `whoami`. None of them takes a secret."""

from typing import Any, Final

from tokenvault_client.access_tokens import ANY
from tokenvault_client.cli import signing_in
from tokenvault_client.cli.parsers import add_command

_LOGIN: Final = """\
Signs you in by yourself, to a client that has no secret: your browser shows the sign-in of the user pool, and
comes back to a port of this machine. Then commands run as you, within what your groups allow, and the audit
trail names you. TOKENVAULT_URL, TOKENVAULT_TOKEN_URL and TOKENVAULT_CLIENT_ID say where; they are in
Terraform's output people. The sign-in is kept in a file that only you can read, until you log out or its time
is up. With TOKENVAULT_CLIENT_SECRET or TOKENVAULT_API_KEY set, commands run as that service and not as you.
"""


def add_sign_in(added: Any) -> None:
    """Adds the three commands."""
    login = add_command(added, "login", signing_in.login, "sign in by yourself", _LOGIN)
    login.add_argument(
        "--no-browser",
        action="store_true",
        help="print the address, to open on any machine, and read back where the browser ended",
    )
    about = "ask for this action alone; may be given again (default: all of the client's)"
    login.add_argument("--action", action="append", default=[], choices=sorted(ANY), help=about)
    add_command(added, "logout", signing_in.logout, "sign out, here and at the user pool")
    add_command(added, "whoami", signing_in.whoami, "show who is signed in here")
