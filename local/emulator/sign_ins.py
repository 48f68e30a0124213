"""Authorization codes and refresh tokens: each good once, for the client that it was made for.

Sources: RFC 6749 (4.1, 6), RFC 7636 (PKCE), and what Cognito says of the rotation of refresh tokens:
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
"""

import base64
import hashlib
import hmac
import re
import secrets
import threading
from dataclasses import dataclass, field
from typing import Final

CODE_SECONDS: Final = 300
"""https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html"""

VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""RFC 7636, 4.1."""

CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 in base64url."""


@dataclass(frozen=True)
class SignIn:
    """Somebody who signed in to a client, with what it asked for. Times are Unix times."""

    pool_id: str
    client_id: str
    username: str
    scopes: tuple[str, ...]
    at: int


@dataclass(frozen=True)
class _Code:
    sign_in: SignIn
    redirect_uri: str
    challenge: str
    until: float


@dataclass(frozen=True)
class _Refresh:
    """One of a family: the tokens that came of one sign-in, each in the place of the one before."""

    sign_in: SignIn
    family: str
    until: float


@dataclass
class SignIns:
    """What is outstanding. A code or refresh token that comes twice ends its family: somebody copied it."""

    _codes: dict[str, _Code] = field(default_factory=dict, repr=False)
    _families: dict[str, str] = field(default_factory=dict, repr=False)
    _refresh: dict[str, _Refresh] = field(default_factory=dict, repr=False)
    _used: dict[str, tuple[str, float]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def code(self, sign_in: SignIn, redirect_uri: str, challenge: str, now: float) -> str:
        """A new authorization code."""
        made = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[made] = _Code(sign_in, redirect_uri, challenge, now + CODE_SECONDS)
        return made

    def redeem(
        self, code: str, client_id: str, redirect_uri: str, verifier: str, now: float
    ) -> tuple[SignIn, str] | None:
        """Who signed in, and the name of a new family of refresh tokens. None for whatever is wrong.

        A code is gone once it was shown, right or wrong.
        """
        with self._lock:
            found = self._codes.pop(code, None)
            if found is None:
                self._end(self._families.pop(code, ""))
                return None
            right = (found.sign_in.client_id, found.redirect_uri) == (client_id, redirect_uri)
            if not (right and now < found.until and _answers(found.challenge, verifier)):
                return None
            family = self._families[code] = secrets.token_urlsafe(8)
            return found.sign_in, family

    def refresh_token(self, sign_in: SignIn, family: str, until: float) -> str:
        """A new refresh token of a family, which lasts until then."""
        made = secrets.token_urlsafe(48)
        with self._lock:
            self._refresh[made] = _Refresh(sign_in, family, until)
        return made

    def rotate(
        self, refresh_token: str, client_id: str, now: float, grace_seconds: float
    ) -> tuple[SignIn, str, float] | None:
        """Who signed in, the family, and until when the next token lasts; None if this one is no good.

        A token may come once more within the grace, as one whose answer was lost does.
        """
        with self._lock:
            found = self._refresh.get(refresh_token)
            if found is None or found.sign_in.client_id != client_id or found.until <= now:
                return None
            used_at = self._used.setdefault(refresh_token, (found.family, now))[1]
            if now > used_at + grace_seconds:
                self._end(found.family)
                return None
            return found.sign_in, found.family, found.until

    def revoke(self, refresh_token: str, client_id: str) -> None:
        """Ends the family of a client's refresh token; another text changes nothing (RFC 7009, 2.2)."""
        with self._lock:
            found = self._refresh.get(refresh_token)
            if found is not None and found.sign_in.client_id == client_id:
                self._end(found.family)

    def _end(self, family: str) -> None:
        for token in [token for token, kept in self._refresh.items() if kept.family == family]:
            del self._refresh[token]


def _answers(challenge: str, verifier: str) -> bool:
    if not VERIFIER.fullmatch(verifier):
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(digest, challenge)
