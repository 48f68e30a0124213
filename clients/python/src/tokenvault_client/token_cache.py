"""Access tokens that processes of one user share: files that nobody else can read.

Cognito bills each access token, and limits how many it gives a second. So runs of the command line tool, and
worker processes of one machine, use the same ones for as long as they last.
"""

import contextlib
import hashlib
import json
import time
from collections.abc import Set
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tokenvault_client.deadlines import Deadline
from tokenvault_client.parsing import load_json
from tokenvault_client.retries import Pause
from tokenvault_client.secret_files import is_private, locked, make_folder, replace, secret_file
from tokenvault_client.settings import HEADER_TEXT, Endpoint

LONGEST_SECONDS: Final = 24 * 3600
"""What Cognito allows an access token to live. What promises more is not believed."""


@dataclass(frozen=True)
class CachedToken:
    """An access token, what it allows, and for how many seconds more it is used."""

    text: str = field(repr=False)
    scopes: frozenset[str]
    seconds: float


class TokenCache:
    """The access tokens of a client in a folder. A cache that cannot be used counts as empty.

    The name of a file is a digest of the client's credentials, so that a client with another secret finds
    nothing. A file is used only if it and its folder belong to this user and nobody else may read or write
    them.
    """

    def __init__(self, folder: Path, endpoint: Endpoint) -> None:
        credentials = [endpoint.token_url, endpoint.client_id, endpoint.client_secret]
        self._folder = folder
        self._client = hashlib.sha256(json.dumps(["tokenvault/v1", *credentials]).encode()).hexdigest()

    def read(self, scopes: Set[str]) -> CachedToken | None:
        """The access token that was asked for with these scopes, if there is one that still holds."""
        try:
            found = _parsed(secret_file(self._path(scopes))) if is_private(self._folder, 0o022) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if found is not None and 0 < found.seconds <= LONGEST_SECONDS else None

    def write(self, scopes: Set[str], token: CachedToken) -> None:
        """Keeps an access token."""
        content = {
            "access_token": token.text,
            "scopes": sorted(token.scopes),
            "use_until": time.time() + token.seconds,
        }
        with contextlib.suppress(OSError):
            make_folder(self._folder)
            replace(self._path(scopes), json.dumps(content).encode())

    def remove(self, texts: Set[str]) -> None:
        """Drops these access tokens, and leaves those that another process has had in the meantime."""
        for path in self._folder.glob(f"{self._client}-*.json"):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                if _parsed(secret_file(path)).text in texts:
                    path.unlink()

    def locked(self, deadline: Deadline, pause: Pause) -> AbstractAsyncContextManager[None]:
        """Lets one process at a time ask for an access token, so that the others find it.

        A process that holds it for long keeps nobody from asking.
        """
        return locked(self._folder / f"{self._client}.lock", deadline, pause)

    def _path(self, scopes: Set[str]) -> Path:
        asked = hashlib.sha256(" ".join(sorted(scopes)).encode()).hexdigest()
        return self._folder / f"{self._client}-{asked[:16]}.json"


def _parsed(content: bytes) -> CachedToken:
    """Raises `ValueError`, `KeyError` or `TypeError` for anything that `write` has not made."""
    fields: Any = load_json(content)
    text, scopes = fields["access_token"], frozenset(map(str, fields["scopes"]))
    if not HEADER_TEXT.fullmatch(text):
        raise ValueError("not an access token")
    return CachedToken(text, scopes, float(fields["use_until"]) - time.time())
