"""Where the service is, who calls it, and how it is reached."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlsplit

from tokenvault_client import proxies
from tokenvault_client.errors import ConfigurationError
from tokenvault_client.proxies import Proxy

VARIABLES: Final = {
    "url": "TOKENVAULT_URL",
    "token_url": "TOKENVAULT_TOKEN_URL",
    "client_id": "TOKENVAULT_CLIENT_ID",
    "client_secret": "TOKENVAULT_CLIENT_SECRET",
    "api_key": "TOKENVAULT_API_KEY",
}
"""The environment variable of each setting that is needed; `_2` and so on at the end for other endpoints."""

OF_SERVICES: Final = frozenset({"client_secret", "api_key"})
"""Settings that a person does without."""

HEADER_TEXT: Final = re.compile(r"[!-~]+")
"""What can stand in a header. Anything else the standard library would refuse, quoting it."""

_NOT_SET: Final = "is not set"

_WHERE_FROM: Final = (
    "of a stack on your machine, `make env CLIENT=NAME` or `tokenvault-dev env NAME` prints all of them, as "
    "export lines; of any other, Terraform's outputs have them"
)

_NUMBERED: Final = re.compile(rf"({'|'.join(VARIABLES.values())})_([2-9])")


@dataclass(frozen=True)
class Endpoint:
    """The service in one Region, and the client's credentials there: each Region has its own user pool."""

    url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    api_key: str = field(repr=False)


@dataclass(frozen=True)
class Settings(Endpoint):
    """What a client needs to call the API. Raises `ConfigurationError` with every problem at once.

    `client_certificate` and `client_key` are PEM files for mutual TLS; the key may stand in the certificate's
    file. `token_cache` is a folder in which processes of one user share access tokens, each in a file that
    only this user can read. `proxy` is the URL of an HTTP proxy for https, `no_proxy` a list of hosts,
    separated by commas, that are reached without it; this machine always is.

    `fallbacks` are the same service in other Regions, in the order in which they are asked while the endpoint
    of these settings does not serve. `for_person` says that a person signed in to the client, which then has
    neither a secret nor an API key, and no fallbacks: a sign-in is to one user pool.
    """

    client_certificate: str | None = None
    client_key: str | None = None
    token_cache: str | None = None
    proxy: str | None = field(default=None, repr=False)
    no_proxy: str = ""
    fallbacks: tuple[Endpoint, ...] = ()
    for_person: bool = False

    def __post_init__(self) -> None:
        problems = [
            f"{_variable(name, number)} {problem}"
            for number, endpoint in enumerate(self.endpoints, 1)
            for name in VARIABLES
            if not (self.for_person and name in OF_SERVICES)
            if (problem := _problem(name, str(getattr(endpoint, name))))
        ]
        if self.for_person and self.fallbacks:
            problems.append("fallbacks are of services, and a person signs in to one user pool")
        if self.client_key and not self.client_certificate:
            problems.append("TOKENVAULT_CLIENT_KEY is set without TOKENVAULT_CLIENT_CERT")
        if self.proxy and not _is_proxy(self.proxy):
            problems.append("HTTPS_PROXY must be http://host:port, the proxy itself being asked without TLS")
        if problems:
            missing = any(problem.endswith(_NOT_SET) for problem in problems)
            raise ConfigurationError(*problems, advice=_WHERE_FROM if missing else None)

    @classmethod
    def from_env(cls, environment: Mapping[str, str], *, for_person: bool = False) -> Self:
        """The settings from `TOKENVAULT_…` variables, `HTTPS_PROXY` and `NO_PROXY`.

        A person's are without the secret and the API key of a service, and without other endpoints, whatever
        the environment holds.

        Raises `ConfigurationError`.
        """
        proxy, no_proxy = proxies.from_environment(environment)
        return cls(
            **(_credentials(environment, 1) | (dict.fromkeys(OF_SERVICES, "") if for_person else {})),
            client_certificate=environment.get("TOKENVAULT_CLIENT_CERT") or None,
            client_key=environment.get("TOKENVAULT_CLIENT_KEY") or None,
            token_cache=environment.get("TOKENVAULT_TOKEN_CACHE") or None,
            proxy=proxy or None,
            no_proxy=no_proxy,
            fallbacks=() if for_person else tuple(_fallbacks(environment)),
            for_person=for_person,
        )

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All endpoints, in order."""
        return (self, *self.fallbacks)

    @property
    def urls(self) -> tuple[str, ...]:
        """All addresses that are called."""
        return tuple(url for endpoint in self.endpoints for url in (endpoint.url, endpoint.token_url))

    def proxy_for(self, url: str) -> Proxy | None:
        """The proxy through which this URL is reached."""
        host = str(urlsplit(url).hostname)
        return None if self.proxy is None or proxies.bypassed(host, self.no_proxy) else Proxy.of(self.proxy)


def _fallbacks(environment: Mapping[str, str]) -> Iterator[Endpoint]:
    """One for each number up to the highest: what one of them lacks is told as a problem."""
    numbers = [
        int(numbered[2])
        for name in environment
        if environment[name] and (numbered := _NUMBERED.fullmatch(name))
    ]
    for number in range(2, max(numbers, default=1) + 1):
        yield Endpoint(**_credentials(environment, number))


def _credentials(environment: Mapping[str, str], number: int) -> dict[str, str]:
    return {name: environment.get(_variable(name, number), "") for name in VARIABLES}


def _variable(name: str, number: int) -> str:
    return VARIABLES[name] if number == 1 else f"{VARIABLES[name]}_{number}"


def _problem(name: str, value: str) -> str | None:
    """What is wrong with a setting, never quoting it."""
    if not value:
        return _NOT_SET
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
    if parts.scheme == "https" or (parts.scheme == "http" and proxies.is_loopback(host)):
        return None
    return "must begin with https:// (http:// only for this machine)"


def _is_proxy(url: str) -> bool:
    try:
        Proxy.of(url)
    except ValueError:
        return False
    return True
