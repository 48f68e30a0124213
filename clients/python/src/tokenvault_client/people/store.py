"""Who is signed in on this machine: a file that only its user can read."""

import contextlib
import hashlib
import json
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tokenvault_client.deadlines import Deadline
from tokenvault_client.parsing import load_json
from tokenvault_client.people.endpoint import Granted
from tokenvault_client.retries import Pause
from tokenvault_client.secret_files import is_private, locked, make_folder, replace, secret_file
from tokenvault_client.settings import HEADER_TEXT


@dataclass(frozen=True)
class SignIn:
    """One access token with its refresh token. `use_until` is a Unix time."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scopes: tuple[str, ...]
    use_until: float

    @classmethod
    def of(cls, granted: Granted) -> "SignIn":
        """What the token endpoint gave just now."""
        use_until = time.time() + granted.seconds
        return cls(granted.access_token, granted.refresh_token, tuple(sorted(granted.scopes)), use_until)

    def __post_init__(self) -> None:
        if not (HEADER_TEXT.fullmatch(self.access_token) and HEADER_TEXT.fullmatch(self.refresh_token)):
            raise ValueError("not a sign-in")


class Store:
    """The sign-ins of a person to one client. A file that others may read or write counts as none."""

    def __init__(self, folder: Path, token_url: str, client_id: str) -> None:
        named = json.dumps(["tokenvault/person/v1", token_url, client_id]).encode()
        self._path = folder / f"person-{hashlib.sha256(named).hexdigest()}.json"

    def read(self) -> list[SignIn]:
        """The sign-ins; none if nobody is signed in."""
        try:
            if not is_private(self._path.parent, 0o022):
                return []
            found = load_json(secret_file(self._path))
            return [SignIn(**{**kept, "scopes": tuple(kept["scopes"])}) for kept in found["sign_ins"]]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def write(self, sign_ins: Sequence[SignIn]) -> None:
        """Keeps these, and no others. Raises `OSError`: a refresh token that is not kept is lost."""
        make_folder(self._path.parent)
        replace(self._path, json.dumps({"sign_ins": [asdict(one) for one in sign_ins]}).encode())

    def remove(self) -> None:
        """Forgets them."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def locked(self, deadline: Deadline, pause: Pause) -> AbstractAsyncContextManager[None]:
        """Lets one process at a time ask for the next tokens: a refresh token is good once."""
        return locked(self._path.with_suffix(".lock"), deadline, pause)
