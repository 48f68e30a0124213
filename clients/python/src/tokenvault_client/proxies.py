"""The proxy that an environment names for https, and the hosts that are reached without it."""

import base64
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

DEFAULT_PORT: Final = 80
"""The port that a URL of http means if it names none."""


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy that opens tunnels by CONNECT (RFC 9110, 9.3.6); `headers` hold its credentials."""

    host: str
    port: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, url: str) -> "Proxy":
        """From a URL such as `http://proxy.example:3128`. Raises `ValueError`, which does not quote it."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme != "http" or not parts.hostname or not parts.hostname.isascii():
            raise ValueError("not the URL of an http proxy")
        return cls(parts.hostname, parts.port or DEFAULT_PORT, _credentials(parts.username, parts.password))


def from_environment(environment: Mapping[str, str]) -> tuple[str, str]:
    """The proxy for https, and the hosts without one; curl and Python itself read these variables alike."""
    return tuple(  # type: ignore[return-value]  # two names make two texts
        environment.get(name.lower()) or environment.get(name) or "" for name in ("HTTPS_PROXY", "NO_PROXY")
    )


def bypassed(host: str, no_proxy: str) -> bool:
    """Whether a host is reached directly: this machine always, and what NO_PROXY names, with all below it."""
    if is_loopback(host):
        return True
    names = [name.strip().lstrip(".").lower() for name in no_proxy.split(",")]
    return any(name == "*" or (name and f".{host.lower()}".endswith(f".{name}")) for name in names)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _credentials(user: str | None, password: str | None) -> Mapping[str, str]:
    """RFC 7617."""
    if user is None:
        return {}
    pair = f"{unquote(user)}:{unquote(password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair).decode()}"}
