"""Where the service is, and who calls it."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlsplit

from tokenvault_client.errors import ConfigurationError

VARIABLES: Final = {
    "url": "TOKENVAULT_URL",
    "token_url": "TOKENVAULT_TOKEN_URL",
    "client_id": "TOKENVAULT_CLIENT_ID",
    "client_secret": "TOKENVAULT_CLIENT_SECRET",
    "api_key": "TOKENVAULT_API_KEY",
}
"""The environment variable of each setting."""

HEADER_TEXT: Final = re.compile(r"[!-~]+")
"""What can stand in a header. Anything else the standard library would refuse, quoting it."""


@dataclass(frozen=True)
class Settings:
    """What a client needs to call the API. Raises `ConfigurationError` with every problem at once."""

    url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    api_key: str = field(repr=False)

    def __post_init__(self) -> None:
        found = [(variable, _problem(name, str(getattr(self, name)))) for name, variable in VARIABLES.items()]
        problems = [f"{variable} {problem}" for variable, problem in found if problem]
        if problems:
            raise ConfigurationError(*problems)

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> Self:
        """The settings from `TOKENVAULT_…` variables. Raises `ConfigurationError`."""
        return cls(**{name: environment.get(variable, "") for name, variable in VARIABLES.items()})


def _problem(name: str, value: str) -> str | None:
    """What is wrong with a setting, never quoting it."""
    if not value:
        return "is not set"
    if name in ("url", "token_url"):
        return _url_problem(value)
    return None if HEADER_TEXT.fullmatch(value) else "holds spaces, line breaks or letters outside ASCII"


def _url_problem(url: str) -> str | None:
    """What is wrong with an address: credentials and values would cross the network in the clear."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError:
        return "is not a URL"
    if not host or parts.username is not None or parts.query or parts.fragment:
        return "must be a URL with a host, and without credentials, query or fragment"
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)):
        return None
    return "must begin with https:// (http:// only for this machine)"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
