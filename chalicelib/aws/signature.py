"""Signature Version 4 of the one kind of request that DynamoDB and KMS take: a POST to `/` without a query.

Since nothing else is to be signed, most of what botocore's signer does falls away.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, Protocol
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

UNSIGNED: Final = frozenset({"expect", "transfer-encoding", "user-agent", "x-amzn-trace-id"})
"""Headers that proxies may change; botocore leaves them out as well."""

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_PORTS: Final = {"http": 80, "https": 443}


class Credentials(Protocol):
    """As botocore freezes them: a key that belongs to an id and, for a role, a security token."""

    access_key: str
    secret_key: str
    token: str | None


class Signer:
    """Signs requests to a service in a Region. May be used by many threads."""

    def __init__(self, region: str, service: str, clock: Callable[[], float] = time.time) -> None:
        self._scope, self._clock = f"{region}/{service}/aws4_request", clock
        self._cached: tuple[tuple[str, str], bytes] = ("", ""), b""

    def signed(
        self, host: str, headers: Mapping[str, str], body: bytes, credentials: Credentials
    ) -> dict[str, str]:
        """The headers, and with them the date, the security token and the signature."""
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._clock()))
        dated = {**headers, "X-Amz-Date": moment}
        if credentials.token:
            dated["X-Amz-Security-Token"] = credentials.token
        return {**dated, "Authorization": self._authorization(host, dated, body, credentials)}

    def _authorization(self, host: str, dated: Mapping[str, str], body: bytes, by: Credentials) -> str:
        lines = {"host": host, **{name.lower(): " ".join(text.split()) for name, text in dated.items()}}
        names = sorted(lines.keys() - UNSIGNED)
        signed = ";".join(names)
        listed = "".join(f"{name}:{lines[name]}\n" for name in names)
        request = f"POST\n/\n\n{listed}\n{signed}\n{_digest(body)}"
        moment = lines["x-amz-date"]
        scope = f"{moment[:8]}/{self._scope}"
        text = f"{_ALGORITHM}\n{moment}\n{scope}\n{_digest(request.encode())}"
        signature = _mac(self._key(by.secret_key, moment[:8]), text).hex()
        return (
            f"{_ALGORITHM} Credential={by.access_key}/{scope}, SignedHeaders={signed}, Signature={signature}"
        )

    def _key(self, secret: str, day: str) -> bytes:
        """The signing key, cached for as long as credentials and day stay the same."""
        of, key = self._cached
        if of != (secret, day):
            key = _mac(f"AWS4{secret}".encode(), day)
            for part in self._scope.split("/"):
                key = _mac(key, part)
            self._cached = (secret, day), key
        return key


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
