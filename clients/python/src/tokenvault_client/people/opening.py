"""Where a person's sign-in is kept, and the addresses of its user pool, by the settings of a run."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tokenvault_client import tls
from tokenvault_client.blocking import asking
from tokenvault_client.errors import ConfigurationError
from tokenvault_client.http import HttpTransport
from tokenvault_client.people.endpoint import Endpoint
from tokenvault_client.people.store import Store
from tokenvault_client.retries import Retries
from tokenvault_client.settings import Settings

ANSWER_SECONDS = 30.0
"""How long the user pool may take for an answer."""


def cache_folder(environment: Mapping[str, str]) -> str | None:
    """Where tools keep what they can get again (XDG Base Directory Specification); None without a home."""
    if base := environment.get("XDG_CACHE_HOME"):
        return str(Path(base) / "tokenvault")
    home = environment.get("HOME")
    return str(Path(home) / ".cache" / "tokenvault") if home else None


def store_of(environment: Mapping[str, str], settings: Settings) -> Store:
    """Where sign-ins are kept. Raises `ConfigurationError` if that is nowhere."""
    named = "TOKENVAULT_TOKEN_CACHE" in environment
    folder = settings.token_cache if named else cache_folder(environment)
    if not folder:
        raise ConfigurationError("TOKENVAULT_TOKEN_CACHE names no folder, and a sign-in is kept there")
    return Store(Path(folder), settings.token_url, settings.client_id)


def endpoint_of(settings: Settings) -> Endpoint:
    """The addresses of the user pool, beside the token endpoint's."""
    folder = settings.token_url.rpartition("/")[0]
    context = tls.context_for(replace(settings, client_certificate=None, client_key=None))
    transport = HttpTransport(folder, ANSWER_SECONDS, context, settings.proxy_for(settings.token_url))
    return Endpoint(settings.token_url, settings.client_id, asking(transport, Retries()))
