"""What the blocking and the async client have in common: how they are made."""

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from tokenvault_client import tls
from tokenvault_client.access_tokens import AccessTokenSource
from tokenvault_client.calling import Caller
from tokenvault_client.deadlines import CallTime, Deadline
from tokenvault_client.errors import ConfigurationError
from tokenvault_client.failover import FailoverTokenize, Preference
from tokenvault_client.held_tokens import Asking, Held, HeldTokens, Turns
from tokenvault_client.http import Send
from tokenvault_client.regions import Places, Region
from tokenvault_client.retries import Pause, Retries
from tokenvault_client.settings import Endpoint, Settings
from tokenvault_client.token_cache import TokenCache

PEOPLE: Final = "/people"
"""The routes of people, who have no API key."""

TIMEOUT_SECONDS: Final = 30.0
"""About as long as API Gateway waits for a function."""


@dataclass(frozen=True)
class Io:
    """How a client sends to an address, waits, and has its threads or tasks take turns."""

    connect: Callable[[str], Send]
    pause: Pause
    turns: Callable[[], Turns]


class ClientBase:
    """How a client is made; what its arguments mean, `Client` says. Raises `ConfigurationError`."""

    def __init__(
        self,
        settings: Settings,
        *,
        retries: Retries | None = None,
        parallel: int = 4,
        timeout_seconds: float = TIMEOUT_SECONDS,
        ssl_context: ssl.SSLContext | None = None,
        failover_tokenize: FailoverTokenize = "unsent",
        access_tokens: AccessTokenSource | None = None,
    ) -> None:
        if not timeout_seconds > 0 or parallel < 1:
            raise ConfigurationError("timeout_seconds must be more than 0, and parallel at least 1")
        if settings.for_person != (access_tokens is not None):
            raise ConfigurationError("settings for a person go with the access_tokens of that person")
        self._access_tokens = access_tokens
        self._settings, self._retries, self._parallel = settings, retries or Retries(), parallel
        self._timeout = timeout_seconds
        self._context = ssl_context or tls.context_for(settings)
        self._preference, self._failover_tokenize = Preference(len(settings.endpoints)), failover_tokenize
        self._held: dict[Endpoint, Held] = {endpoint: {} for endpoint in settings.endpoints}
        self._start()

    @classmethod
    def from_env(
        cls,
        environment: Mapping[str, str] | None = None,
        *,
        retries: Retries | None = None,
        parallel: int = 4,
        timeout_seconds: float = TIMEOUT_SECONDS,
        ssl_context: ssl.SSLContext | None = None,
        failover_tokenize: FailoverTokenize = "unsent",
    ) -> Self:
        """A client from the `TOKENVAULT_…` variables of an environment, by default the process's own.

        The other arguments are those of the class. Raises `ConfigurationError`.
        """
        settings = Settings.from_env(os.environ if environment is None else environment)
        return cls(
            settings,
            retries=retries,
            parallel=parallel,
            timeout_seconds=timeout_seconds,
            ssl_context=ssl_context,
            failover_tokenize=failover_tokenize,
        )

    def _start(self) -> None:
        """What a client does once it knows its settings."""

    def _of_person(self, source: AccessTokenSource) -> AccessTokenSource:
        """The access tokens of a person, as this kind of client waits for them."""
        return source

    def _time(self, timeout: float | None) -> CallTime:
        if timeout is None:
            return CallTime(self._timeout)
        if not timeout > 0:
            raise ConfigurationError("timeout must be more than 0 seconds")
        return CallTime(timeout, Deadline.after(timeout))

    def _caller_over(self, io: Io) -> Caller:
        regions = [self._region(endpoint, io) for endpoint in self._settings.endpoints]
        places = Places(regions, self._retries, self._preference, self._failover_tokenize)
        return Caller(places, self._retries, io.pause)

    def _region(self, endpoint: Endpoint, io: Io) -> Region:
        if self._access_tokens is not None:
            source = self._of_person(self._access_tokens)
            return Region(None, io.connect(f"{endpoint.url.rstrip('/')}{PEOPLE}"), source)
        folder = self._settings.token_cache
        # Where there is another Region, that one is asked next, and this one in the next round.
        retries = replace(self._retries, attempts=1) if self._settings.fallbacks else self._retries
        asking = Asking(io.connect(endpoint.token_url), io.pause, retries, io.turns())
        cache = TokenCache(Path(folder), endpoint) if folder else None
        access_tokens = HeldTokens(endpoint, asking, cache, self._held[endpoint])
        return Region(endpoint.api_key, io.connect(endpoint.url), access_tokens)
