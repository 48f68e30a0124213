"""One attempt to sign in: what goes out in a browser, what has to come back (RFC 6749, 4.1; RFC 7636)."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

PORTS: Final = (43117, 43118, 43119)
"""Where the tool listens: a list, as Cognito compares callback URLs whole, with their ports (RFC 8252, 7.3,
would let them vary).

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
"""

_ERROR: Final = re.compile(r"[a-z_]{1,64}")
_CODE: Final = re.compile(r"[!-~]{1,2048}")


class SignInFailed(Exception):
    """Nobody is signed in. The text says why, and quotes nothing that came from the browser."""


def random_text() -> str:
    """43 characters of base64url, 256 random bits: a verifier, or a state."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Attempt:
    """One way through the browser. `verifier` never leaves this process but for the token endpoint."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str = field(repr=False)
    verifier: str = field(repr=False)

    @classmethod
    def new(
        cls, client_id: str, port: int, scopes: tuple[str, ...] = (), draw: Callable[[], str] = random_text
    ) -> "Attempt":
        """An attempt that ends at a port of this machine; without scopes, for all that the client has."""
        return cls(client_id, f"http://127.0.0.1:{port}/", scopes, draw(), draw())

    @property
    def challenge(self) -> str:
        """The verifier's SHA-256, which may be seen (RFC 7636, 4.2)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def url(self, authorize_url: str) -> str:
        """What the person's browser opens."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            **({"scope": " ".join(self.scopes)} if self.scopes else {}),
        }
        return f"{authorize_url}?{urlencode(asked)}"

    def is_answer(self, answered: str) -> bool:
        """Whether an address is the answer to this attempt, for better or worse."""
        return _only(_parameters(answered), "state") == self.state

    def code(self, answered: str) -> str:
        """The code in the address that the browser was sent to. Raises `SignInFailed`.

        The state comes first: what was begun elsewhere (RFC 6749, 10.12) is not looked at further.
        """
        given = _parameters(answered)
        if not hmac.compare_digest(_only(given, "state").encode(), self.state.encode()):
            raise SignInFailed("the answer is not one to this sign-in; begin again")
        if error := _only(given, "error"):
            known = error if _ERROR.fullmatch(error) else "an error of no known name"
            raise SignInFailed(f"the sign-in was refused: {known}")
        code = _only(given, "code")
        if not _CODE.fullmatch(code):
            raise SignInFailed("the answer holds no code; copy the whole address")
        return code


def _parameters(answered: str) -> dict[str, list[str]]:
    try:
        return parse_qs(urlsplit(answered.strip()).query)
    except ValueError:
        return {}


def _only(given: dict[str, list[str]], name: str) -> str:
    """A parameter that is there once; empty otherwise (RFC 6749, 3.1: none more than once)."""
    found = given.get(name, [])
    return found[0] if len(found) == 1 else ""
