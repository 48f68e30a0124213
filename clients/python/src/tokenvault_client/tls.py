"""TLS: the server's certificate is checked, and a certificate of the client's own may go along."""

import ssl
from typing import NoReturn
from urllib.parse import urlsplit

from tokenvault_client.errors import ConfigurationError
from tokenvault_client.settings import Settings


def context_for(settings: Settings) -> ssl.SSLContext | None:
    """The context for the service of these settings, None if it is reached without TLS.

    Raises `ConfigurationError`.
    """
    if all(urlsplit(url).scheme == "http" for url in settings.urls):
        return None
    return context(settings.client_certificate, settings.client_key)


def context(certificate: str | None = None, key: str | None = None) -> ssl.SSLContext:
    """Python's default context, with a client certificate if one is named (mutual TLS).

    `certificate` is a PEM file with the certificate and what stands between it and its root; the private key
    is in the file `key`, or in the same file. Raises `ConfigurationError`.
    """
    made = ssl.create_default_context()
    if certificate is None:
        return made
    try:
        made.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError:
        raise ConfigurationError(
            "TOKENVAULT_CLIENT_CERT and TOKENVAULT_CLIENT_KEY are not a PEM certificate and its private key"
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"TOKENVAULT_CLIENT_CERT or TOKENVAULT_CLIENT_KEY cannot be read: {error.strerror}"
        ) from None
    return made


def _no_password() -> NoReturn:
    """OpenSSL would ask at the terminal, where nobody may sit."""
    raise ConfigurationError("TOKENVAULT_CLIENT_KEY is encrypted; give a private key without a passphrase")
