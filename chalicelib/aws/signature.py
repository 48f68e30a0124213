"""Signature Version 4 of the one kind of request that DynamoDB and KMS take: a POST to `/` without a query.

Since nothing else is to be signed, most of what botocore's signer does falls away.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Protocol
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

UNSIGNED: Final = frozenset({"expect", "transfer-encoding", "user-agent", "x-amzn-trace-id"})
"""Headers that proxies may change; botocore leaves them out as well."""

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_DATE: Final = "X-Amz-Date"
_TOKEN: Final = "X-Amz-Security-Token"  # noqa: S105  # the name of a header
_HERE: Final = "\0"
"""Where the date goes: no header holds this character."""
_PORTS: Final = {"http": 80, "https": 443}


class Credentials(Protocol):
    """As botocore freezes them: a key that belongs to an id and, for a role, a security token."""

    access_key: str
    secret_key: str
    token: str | None


Headers = tuple[tuple[str, str], ...]


class Signer:
    """Signs requests to a service in a Region. May be used by many threads."""

    def __init__(self, region: str, service: str, clock: Callable[[], float] = time.time) -> None:
        self._scope, self._clock = f"{region}/{service}/aws4_request", clock
        self._cached: tuple[tuple[str, str], bytes] = ("", ""), b""

    def signed(self, host: str, headers: Headers, body: bytes, by: Credentials) -> dict[str, str]:
        """The headers, and with them the date, the security token and the signature."""
        moment = _moment(int(self._clock()))
        before, after, names = _canonical(host, headers, by.token)
        request = f"POST\n/\n\n{before}{moment}{after}\n{names}\n{_digest(body)}"
        scope = f"{moment[:8]}/{self._scope}"
        text = f"{_ALGORITHM}\n{moment}\n{scope}\n{_digest(request.encode())}"
        signature = _mac(self._key(by.secret_key, moment[:8]), text).hex()
        credential = f"{_ALGORITHM} Credential={by.access_key}/{scope}"
        authorization = f"{credential}, SignedHeaders={names}, Signature={signature}"
        dated = {**dict(headers), _DATE: moment, "Authorization": authorization}
        return {**dated, _TOKEN: by.token} if by.token else dated

    def _key(self, secret: str, day: str) -> bytes:
        """The signing key, cached for as long as credentials and day stay the same."""
        of, key = self._cached
        if of != (secret, day):
            key = _mac(f"AWS4{secret}".encode(), day)
            for part in self._scope.split("/"):
                key = _mac(key, part)
            self._cached = (secret, day), key
        return key


@lru_cache(maxsize=1)
def _moment(seconds: int) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


@lru_cache(maxsize=16)
def _canonical(host: str, headers: Headers, token: str | None) -> tuple[str, str, str]:
    """What is signed of the headers, before the date and after it, and their names.

    Cached, since all calls of an operation have the same headers.
    """
    given = [*headers, ("Host", host), (_DATE, _HERE), *([(_TOKEN, token)] if token else [])]
    lines = {name.lower(): " ".join(text.split()) for name, text in given}
    names = sorted(lines.keys() - UNSIGNED)
    before, _, after = "".join(f"{name}:{lines[name]}\n" for name in names).partition(_HERE)
    return before, after, ";".join(names)


@lru_cache(maxsize=8)
def bare_host(url: str) -> str | None:
    """The host of an address that is nothing but that, as HTTP names it: without the scheme's own port."""
    parts = urlsplit(url)
    if parts.path not in ("", "/") or parts.query or parts.hostname is None:
        return None
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return name if parts.port in (None, _PORTS.get(parts.scheme)) else f"{name}:{parts.port}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _mac(key: bytes, text: str) -> bytes:
    mac = HMAC(key, hashes.SHA256())
    mac.update(text.encode())
    return mac.finalize()
